"""What a visitor does, step by step."""

from __future__ import annotations

from typing import Any

QUESTION = "làm giấy khai sinh cho con cần giấy tờ gì"


def open_chat(page: Any) -> None:
    launcher = page.locator(".launcher")
    launcher.wait_for(state="attached")
    if launcher.get_attribute("aria-expanded") == "false":
        launcher.click()
    page.locator(".panel").wait_for()


def come_back(page: Any) -> None:
    """Loads the page anew and opens the chat, as somebody does who returns."""
    page.reload()
    open_chat(page)


def ask(page: Any, text: str) -> None:
    page.get_by_label("Câu hỏi", exact=True).fill(text)
    page.keyboard.press("Enter")


def answers(page: Any) -> Any:
    return page.locator(".theirs")


def within(page: Any, script: str) -> Any:
    """Evaluates a script with the widget's shadow root as `root`."""
    return page.evaluate(f"(() => {{ const root = document.querySelector('motcua-chat').shadowRoot; {script} }})()")
