"""FIT: columns out of bytes, recordings out of columns; fitparse only as a witness."""

from midsole.decode.fit.recordings import FitDecoder

__all__ = ["FitDecoder"]
