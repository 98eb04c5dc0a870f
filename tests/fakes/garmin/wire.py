"""What goes over the line: a request, its answer, and an answer given early."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Request:
    """`host` is the Host header; `headers` have lower-case names."""

    method: str
    host: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def line(self) -> str:
        """What the patterns of tests are held against."""
        return f"{self.host}{self.path}?{self.query}" if self.query else self.host + self.path

    def params(self, name: str) -> list[str]:
        return parse_qs(self.query).get(name, [])

    def param(self, name: str, default: str = "") -> str:
        return next(iter(self.params(name)), default)

    def number(self, name: str, default: int) -> int:
        """A whole number of the query; 400 where it is none, or below zero."""
        text = self.param(name, str(default))
        if not text.isdecimal():
            raise Refusal(400, f"{name} is no number")
        return int(text)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        return found.value if found else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`sent`: the line breaks after so many bytes of the body; `dropped`: nothing is said at all."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None
    dropped: bool = False


class Refusal(Exception):
    """Raised by whoever knows early that the answer is an error."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = json_answer({"message": message, **more}, status)


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


def text_answer(text: str) -> Answer:
    return Answer(200, text.encode(), "text/plain;charset=UTF-8")


def page(title: str, body: str = "", status: int = 200, **headers: str) -> Answer:
    html = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return Answer(status, html.encode(), "text/html;charset=UTF-8", headers)
