"""Templates, words and files that the pages are made of."""

from __future__ import annotations

import hashlib
import re

import pytest
import yaml

from channels.console import errors, showing
from channels.console.app import PAGES, STATIC
from channels.console.permissions import Permission

TEMPLATES = showing.FOLDER / "templates"


def every_refusal(kind: type[errors.Refused] = errors.Refused) -> list[type[errors.Refused]]:
    return [kind, *(narrower for below in kind.__subclasses__() for narrower in every_refusal(below))]


def test_htmx_is_the_file_that_its_note_speaks_of() -> None:
    note = yaml.safe_load((STATIC / "htmx.yaml").read_text(encoding="utf-8"))
    content = (STATIC / "htmx.min.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == note["sha256"]
    assert note["version"].encode() in content
    assert "Zero-Clause BSD" in note["licence"]


@pytest.mark.parametrize("refusal", every_refusal())
def test_every_refusal_has_words_and_a_next_step(refusal: type[errors.Refused]) -> None:
    told = showing.words()["refusals"][refusal.words]
    assert told["title"] and told["detail"] and told["next"]


def test_every_fault_of_an_account_has_words() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in showing.FOLDER.rglob("*.py"))
    raised = set(re.findall(r'AccountRefused\(\s*"(\w+)"', code))
    assert len(raised) >= 10
    assert raised <= set(showing.words()["faults"])


def test_every_tile_has_words_and_a_permission() -> None:
    for page in PAGES:
        for tile in page.tiles:
            section = showing.words()[tile.section]
            assert section["tile"] and section["tile_text"] and tile.permission in set(Permission)


def test_templates_say_nothing_of_their_own() -> None:
    for file in sorted(TEMPLATES.rglob("*.html")):
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        said = re.sub(r"<[^>]*>", " ", text, flags=re.DOTALL)
        assert not re.search(r"[^\W\d_]{2,}", said), (file.name, said.split())


def test_templates_escape_everything_and_forms_carry_the_token() -> None:
    for file in sorted(TEMPLATES.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", text), file.name
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL | re.IGNORECASE):
            assert "forms.token()" in form or "csrf_field" in form, (file.name, form[:80])


def test_every_field_has_a_label() -> None:
    for file in sorted(TEMPLATES.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        labelled = set(re.findall(r'<label[^>]*\bfor="([^"]+)"', text))
        for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            if 'type="hidden"' in field or "aria-label" in field:
                continue
            found = re.search(r'\bid="([^"]+)"', field)
            assert found and found.group(1) in labelled, (file.name, field)
