"""The run-time model: an ONNX graph written directly from the 4-bit blocks.

Token ids in, finished vectors out: mean pooling and normalisation are part of the graph. The weights stay the
4 bits they are (`MatMulNBits`, `GatherBlockQuantized`), so nothing is lost on the way.

There is no attention mask: texts that run together have the same number of tokens, so nothing is padded. On a
CPU a padded batch is no faster than its texts one by one, and this way no text can touch another's vector.

Residuals are plain `Add` and `LayerNormalization`: ONNX Runtime vectorises these, while its fused
`SkipLayerNormalization` is several times slower. The session must therefore not fuse them again
(`ORT_ENABLE_BASIC`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoder.weights import BLOCK, Quantised, Weights

OPSET = 20
IR_VERSION = 9
CONTRIB = "com.microsoft"
LAYER_NORM_EPSILON = 1e-12

# ONNX Runtime's MatMulNBits: 0 computes with float32 activations, 4 with 8 bits per block of them. That
# halves the time of a short question at cosine .9999 to float32; search over the catalogue finds as much.
ACCURACY_LEVEL = 4


class _Graph:
    """Collects nodes and constants; every method returns the name of the value it adds."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(
            helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes)
        )
        return output

    def linear(self, source: str, matrix: Quantised, bias: NDArray[np.float32], output: str) -> str:
        """source x matrix transposed + bias."""
        rows, columns = matrix.nibbles.shape
        packed = matrix.packed().reshape(rows, columns // BLOCK, BLOCK // 2)
        weight = self.constant(f"{output}.weight", packed)
        scales = self.constant(f"{output}.scales", matrix.scales)
        no_zero_points = no_group_index = ""
        return self.node(
            "MatMulNBits",
            [source, weight, scales, no_zero_points, no_group_index, self.constant(f"{output}.bias", bias)],
            output,
            CONTRIB,
            K=columns,
            N=rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=ACCURACY_LEVEL,
        )

    def split(self, source: str, outputs: list[str]) -> list[str]:
        """Equal parts along the last axis."""
        from onnx import helper

        self.nodes.append(
            helper.make_node(
                "Split", [source], outputs, name=f"{source}.split", axis=-1, num_outputs=len(outputs)
            )
        )
        return outputs

    def norm(self, source: str, weight: NDArray[np.float32], bias: NDArray[np.float32], output: str) -> str:
        """Layer normalisation over the last axis."""
        inputs = [source, self.constant(f"{output}.weight", weight), self.constant(f"{output}.bias", bias)]
        return self.node("LayerNormalization", inputs, output, axis=-1, epsilon=LAYER_NORM_EPSILON)


def runtime_graph(weights: Weights) -> bytes:
    """The serialised ONNX model; the same bytes for the same weights.

    The input is ``input_ids``, int64 (texts, tokens), texts of one length; the output is ``vectors``,
    float32 (texts, hidden), of length one.
    """
    from onnx import TensorProto, helper

    graph = _Graph()
    state = _embeddings(graph, weights)
    for layer in range(weights.shape.layers):
        state = _layer(graph, weights, layer, state)
    _pooling(graph, state)

    def value(name: str, kind: int, shape: list[str | int]) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [value("input_ids", TensorProto.INT64, ["texts", "tokens"])],
            [value("vectors", TensorProto.FLOAT, ["texts", weights.shape.hidden])],
            graph.constants,
        ),
        producer_name="motcua",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)],
    )
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def _embeddings(graph: _Graph, weights: Weights) -> str:
    words = weights.matrices["emb.word"]
    word = graph.node(
        "GatherBlockQuantized",
        [
            graph.constant("words.weight", words.packed()),
            "input_ids",
            graph.constant("words.scales", words.scales),
        ],
        "words",
        CONTRIB,
        bits=4,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    # Every token is of type 0 and position i is row i, so both tables become one.
    table = weights.vectors["emb.pos"] + weights.vectors["emb.type"][0]
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    position = graph.node(
        "Slice",
        [
            graph.constant("positions.weight", table),
            graph.constant("zero", np.array([0], np.int64)),
            length,
        ],
        "positions",
    )
    added = graph.node("Add", [word, position], "embedded")
    return graph.norm(added, weights.vectors["emb.ln.w"], weights.vectors["emb.ln.b"], "embedded.norm")


def _layer(graph: _Graph, weights: Weights, layer: int, state: str) -> str:
    name = f"layer{layer}"

    def matrix(part: str) -> Quantised:
        return weights.matrices[f"l{layer}.{part}.w"]

    def vector(part: str) -> NDArray[np.float32]:
        return weights.vectors[f"l{layer}.{part}"]

    def residual(update: str, skip: str, norm: str) -> str:
        added = graph.node("Add", [update, skip], f"{update}.added")
        return graph.norm(added, vector(f"{norm}.w"), vector(f"{norm}.b"), f"{update}.norm")

    # One multiplication for the three projections quantises the activations once instead of three times.
    qkv = Quantised(
        np.concatenate([matrix(part).nibbles for part in "qkv"]),
        np.concatenate([matrix(part).scales for part in "qkv"]),
    )
    bias = np.concatenate([vector(f"{part}.b") for part in "qkv"])
    projected = graph.linear(state, qkv, bias, f"{name}.qkv")
    attended = graph.node(
        "MultiHeadAttention",
        graph.split(projected, [f"{name}.{part}" for part in "qkv"]),
        f"{name}.attention",
        CONTRIB,
        num_heads=weights.shape.heads,
    )
    state = residual(graph.linear(attended, matrix("ao"), vector("ao.b"), f"{name}.ao"), state, "aln")
    widened = graph.linear(state, matrix("fi"), vector("fi.b"), f"{name}.fi")
    activated = graph.node("Gelu", [widened], f"{name}.gelu")
    return residual(graph.linear(activated, matrix("fo"), vector("fo.b"), f"{name}.fo"), state, "oln")


def _pooling(graph: _Graph, state: str) -> None:
    # The mean is the sum up to a factor that normalisation takes away again.
    tokens = graph.constant("token.axis", np.array([1], np.int64))
    summed = graph.node("ReduceSum", [state, tokens], "summed", keepdims=0)
    graph.node("LpNormalization", [summed], "vectors", axis=-1, p=2)
