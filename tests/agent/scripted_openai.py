"""An OpenAI-compatible server on loopback that answers from a script: protocol, not intelligence."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted answer: a chat message, or an HTTP status with nothing useful in it."""

    message: dict[str, Any] = field(default_factory=dict)
    finish: str = "stop"
    status: int = 200
    delay_seconds: float = 0.0
    body: str | None = None

    def text(self) -> str:
        if self.body is not None:
            return self.body
        if self.status != 200:
            return json.dumps({"error": {"message": "scripted", "type": "scripted", "code": None}})
        choice = {
            "index": 0,
            "finish_reason": self.finish,
            "message": {"role": "assistant", "content": None, **self.message},
        }
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
        return json.dumps(
            {
                "id": "scripted",
                "object": "chat.completion",
                "created": 0,
                "model": "scripted",
                "choices": [choice],
                "usage": usage,
            }
        )


def says(claim: dict[str, Any]) -> Answer:
    return Answer({"content": json.dumps(claim)})


def calls(tool: str, **arguments: Any) -> Answer:
    call = {
        "id": "call-1",
        "type": "function",
        "function": {"name": tool, "arguments": json.dumps(arguments)},
    }
    return Answer({"tool_calls": [call]}, finish="tool_calls")


@dataclass(slots=True)
class Scripted:
    """What was asked, and what is still to be answered; the last answer repeats."""

    answers: list[Answer]
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted_openai(answers: Sequence[Answer]) -> Iterator[Scripted]:
    """Serve the script over real HTTP."""
    script = Scripted(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            script.requests.append(json.loads(self.rfile.read(length)))
            answer = script.next()
            time.sleep(answer.delay_seconds)
            content = answer.text().encode()
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except ConnectionError:
                return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name given by the library
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
