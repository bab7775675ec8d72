"""Everything that can go wrong in this package.

    NluError
    └── EncoderError
        ├── EncoderMissing        no encoder folder where one was expected
        ├── EncoderCorrupt        a folder is there, but not as it was built
        ├── EncoderUnsupported    a library or a model that cannot be used here
        └── EncoderBuildFailed    no folder was made
            ├── SourceUnavailable the model package could not be fetched (network, registry, disk)
            └── SourceRefused     what was fetched or given is not the expected model

Messages are one line of English for the operator: what is wrong, then what to do about it.
"""

from __future__ import annotations


class NluError(Exception):
    """Root of the tree: catch this to catch everything the package raises on purpose."""


class EncoderError(NluError):
    """The sentence encoder cannot be built, loaded or trusted."""


class EncoderMissing(EncoderError):
    """There is no encoder folder where one was expected."""


class EncoderCorrupt(EncoderError):
    """The encoder folder differs from what its manifest says was built."""


class EncoderUnsupported(EncoderError):
    """A library is not installed, or the model cannot serve as an encoder."""


class EncoderBuildFailed(EncoderError):
    """Building stopped; nothing was left in the place of the target folder."""


class SourceUnavailable(EncoderBuildFailed):
    """The model package could not be fetched or read."""


class SourceRefused(EncoderBuildFailed):
    """The given or fetched model is not the one expected: wrong checksum or format."""
