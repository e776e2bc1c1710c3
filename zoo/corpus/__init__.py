"""The corpus room: where music comes from. Reads packaged corpora and folders of scores, cleans, keeps to the splits."""

from zoo.corpus.load import Report, load

__all__ = ["Report", "load"]
