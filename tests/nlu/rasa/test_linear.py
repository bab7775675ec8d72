"""The linear model: it learns, stays the same when saved, and says when it knows nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nlu.rasa.linear import LinearModel

pytest.importorskip("sklearn", reason="scikit-learn trains the model")

VIEWS = {"words": 1.0, "letters": 0.2}


def seen(text: str) -> dict[str, Counter[str]]:
    return {"words": Counter(text.split()), "letters": Counter(text)}


@pytest.fixture(scope="module")
def model() -> LinearModel:
    texts = [
        "how much money",
        "what does it cost",
        "money please",
        "how long",
        "how many days",
        "days please",
    ]
    labels = ["fee"] * 3 + ["time"] * 3
    return LinearModel.train([seen(text) for text in texts], labels, VIEWS, 1.0, {"letters": 2}, 3.0)


def test_it_names_what_it_learned(model: LinearModel) -> None:
    for text, label in (("money", "fee"), ("many days", "time")):
        probabilities = model.probabilities(seen(text))
        assert probabilities is not None
        assert model.labels[int(probabilities.argmax())] == label
        assert probabilities.sum() == pytest.approx(1.0)


def test_it_knows_nothing_of_unseen_features(model: LinearModel) -> None:
    assert model.probabilities({"words": Counter(), "letters": Counter("żę")}) is None


def test_a_saved_model_answers_alike(model: LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = LinearModel.load(tmp_path)
    assert loaded.labels == model.labels
    np.testing.assert_allclose(loaded.probabilities(seen("how much")), model.probabilities(seen("how much")))


def test_a_damaged_model_is_not_loaded(model: LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    (tmp_path / "weights.npz").write_bytes(b"broken")
    with pytest.raises((OSError, ValueError, KeyError)):
        LinearModel.load(tmp_path)
