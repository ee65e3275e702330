"""her2lit: new evidence on systemic therapy of metastatic HER2-positive breast cancer, by drug."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("her2lit")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
