"""Hugging Face's ZeroGPU hardware starts only an app that has a function decorated by spaces.GPU; here is one.

Nothing calls it: the models run on the processor. Import this module before anything that imports torch, because
`spaces` must come first. Elsewhere the package is missing, or its decorator does nothing, and so does this module.
"""

try:
    import spaces
except ImportError:
    spaces = None

if spaces is not None:

    @spaces.GPU(duration=5)
    def _unused() -> None:
        """What ZeroGPU looks for at the start."""
