"""The families, one file each. A file with a leading underscore is machinery that several families share."""
