"""The widget as one file: small, whole, and there for good under its digest."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import actions
from channels import wording
from channels.web.bundle import MODULES, SOURCES, Shelf
from motcua.settings import Settings

pytestmark = pytest.mark.anyio

# The bar of the design: everything that a portal's visitor loads for the chat.
MOST_BYTES = 20_000


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(Settings(home=tmp_path), "/api/v1")


def code_of(module: str) -> str:
    return (SOURCES / f"{module}.js").read_text("utf-8")


def test_script_style_and_words_together_are_small(shelf: Shelf) -> None:
    assert len(gzip.compress(shelf.script.content, 9)) <= MOST_BYTES
    # Nothing else has to be loaded: the style travels in the script.
    assert json.dumps(shelf.style.content.decode(), ensure_ascii=False)[1:-1] in shelf.script.content.decode()


def test_every_source_is_part_of_the_script() -> None:
    assert {path.stem for path in SOURCES.glob("*.js")} == set(MODULES)


def test_no_two_modules_use_one_name_for_two_things() -> None:
    pattern = re.compile(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)
    names = [name for module in MODULES for name in pattern.findall(code_of(module))]
    assert len(names) == len(set(names))


def test_a_module_stands_after_those_that_it_imports_from() -> None:
    for place, module in enumerate(MODULES):
        imported = re.findall(r'^import [^;]+ from "\./(\w+)\.js";$', code_of(module), re.MULTILINE)
        assert len(imported) == code_of(module).count("\nimport ")
        assert set(imported) <= set(MODULES[:place])


def test_the_script_uses_every_word_it_is_given_and_no_other() -> None:
    source = "".join(code_of(module) for module in MODULES)
    used = set(re.findall(r"\b#?words\.(\w+)", source))
    used |= {f"why_{reason}" for reason in ("wrong", "unclear", "missing", "other")}
    # `words.vi` and `words.en` are picked by language.
    for language in ("vi", "en"):
        assert used == set(wording.widget()[language])


def test_sections_that_are_no_documents_are_called_as_the_answers_call_them() -> None:
    path = Path(actions.__file__).parent / "wording" / "answer.yaml"
    said = yaml.safe_load(path.read_text("utf-8"))["documents"]
    assert wording.widget()["plain_sections"] == [said["notes"], said["other_cases"]]


def test_the_script_never_makes_markup_of_text_nor_code() -> None:
    for module in MODULES:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTML|srcdoc|\.cssText",
            code_of(module),
        )


def test_the_deployment_is_told_to_the_script(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, link_domains="gov.vn, Example.VN", message_length=321, province="Hà Giang")
    script = Shelf(settings, "/api/v1").script.content.decode()
    assert '"domains":["gov.vn","example.vn"]' in script
    assert '"length":321' in script and '"province":"Hà Giang"' in script and '"api":"/api/v1"' in script


def test_a_version_is_still_there_after_an_upgrade(tmp_path: Path, shelf: Shelf) -> None:
    after = Shelf(Settings(home=tmp_path, message_length=500), "/api/v1")
    assert after.script.digest != shelf.script.digest
    kept = after.find("script", shelf.script.digest)
    assert kept is not None
    assert (kept.content, kept.integrity) == (shelf.script.content, shelf.script.integrity)


def test_a_kept_version_that_somebody_changed_is_not_served(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "widget" / f"{shelf.script.digest}.js"
    path.write_text("alert(1)")
    after = Shelf(Settings(home=tmp_path, message_length=500), "/api/v1")
    assert after.find("script", shelf.script.digest) is None


def test_a_home_that_cannot_be_written_does_not_stop_the_gateway(tmp_path: Path) -> None:
    (tmp_path / "widget").write_text("a file where the folder should be")
    shelf = Shelf(Settings(home=tmp_path), "/api/v1")
    assert shelf.find("script", shelf.script.digest) is shelf.script


@pytest.mark.parametrize("digest", ["0" * 16, "x" * 16, "%2e%2e", "A" * 16, "0" * 15])
async def test_a_version_that_never_was_is_not_found(http: httpx.AsyncClient, digest: str) -> None:
    assert (await http.get(f"/widget/{digest}/widget.js")).status_code == 404


async def test_the_style_and_the_newest_script_have_their_addresses(open_gateway: Callable[..., Any]) -> None:
    http: httpx.AsyncClient = await open_gateway(allowed_origins="https://portal.example.gov.vn")
    newest = await http.get("/widget.js", headers={"Origin": "https://portal.example.gov.vn"})
    assert newest.headers["content-type"].startswith("text/javascript")
    assert "immutable" not in newest.headers["cache-control"]
    # A portal that checks the integrity asks with its origin.
    assert newest.headers["access-control-allow-origin"] == "https://portal.example.gov.vn"
    assert "Origin" in newest.headers["vary"] and "Accept-Encoding" in newest.headers["vary"]
    [address] = re.findall(r'"css_address":"([^"]+)"', newest.text)
    style = await http.get(address)
    assert style.headers["content-type"].startswith("text/css") and style.text in json.loads(f'"{_css(newest.text)}"')


def _css(script: str) -> str:
    found = re.search(r'"css":"((?:[^"\\]|\\.)*)"', script)
    assert found
    return found[1]
