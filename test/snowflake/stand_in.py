"""Something that speaks Snowflake's protocol, for the real drivers: fakesnow's server behind what it lacks.

stand_in.py LAKE PUBLIC_KEY TOKEN: the directory that the stage's bucket stands for, a PEM file, an access token. Prints PORT n, then
LOGIN {...} and SQL "..." for what it receives. What it adds to fakesnow, and what is still not Snowflake, is in docs/warehouse.md.
"""

import gzip
import json
import socket
import sys
from base64 import b64decode
from datetime import date
from pathlib import Path

import pyarrow as pa
import uvicorn
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fakesnow.server import login_request, query_request, routes, shared_fs
from sign_in import refusal
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from statements import Statements


def with_body(request: Request, body: dict) -> Request:
    """The same request with another body."""
    data = json.dumps(body).encode()
    headers = [(name, value) for name, value in request.scope["headers"] if name not in (b"content-encoding", b"content-length")]

    async def receive() -> dict:
        return {"type": "http.request", "body": data, "more_body": False}

    return Request({**request.scope, "headers": headers}, receive)


async def body_of(request: Request) -> dict:
    body = await request.body()
    return json.loads(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)


def tell(kind: str, what: object) -> None:
    print(f"{kind} {json.dumps(what)}", flush=True)


def failed(message: str) -> JSONResponse:
    """What a driver does not try again."""
    return JSONResponse({"data": {"errorCode": "002003", "sqlState": "42000"}, "code": "002003", "message": message, "success": False})


def json_cell(value: object, kind: str) -> str | None:
    """A value as Snowflake writes it in JSON."""
    if value is None:
        return None
    if kind == "boolean":
        return str(int(bool(value)))
    if kind == "date":
        return str((value - date(1970, 1, 1)).days)
    if kind.startswith("timestamp"):
        return f"{value['epoch']}.{value['fraction']:09d}"
    return str(value)


def as_json(data: dict) -> dict:
    """fakesnow answers in Arrow, which the Node.js driver does not read: the same rows as JSON."""
    encoded = data.pop("rowsetBase64", None)
    if encoded is not None:
        columns = pa.ipc.open_stream(b64decode(encoded)).read_all().columns if encoded else []
        kinds = [column["type"] for column in data["rowtype"]]
        cells = [[json_cell(value, kind) for value in column.to_pylist()] for column, kind in zip(columns, kinds, strict=False)]
        data |= {"queryResultFormat": "json", "rowset": [list(row) for row in zip(*cells, strict=True)]}
    return data | {"returned": len(data["rowset"]), "version": 1}


class StandIn:
    def __init__(self, lake: Path, public_key: Path, token: str) -> None:
        self.key = load_pem_public_key(public_key.read_bytes())
        self.token = token
        self.statements = Statements(shared_fs.duck_conn, lake)

    async def login(self, request: Request) -> JSONResponse:
        body = await body_of(request)
        data = body["data"]
        who = {name.lower(): data.get(name) for name in ("LOGIN_NAME", "AUTHENTICATOR", "CLIENT_APP_ID")}
        reason = refusal(data, self.key, self.token)
        tell("LOGIN", {**who, "role": request.query_params.get("roleName"), "refused": reason})
        if reason is not None:
            return JSONResponse({"data": {}, "code": "390144", "message": f"{reason} is invalid.", "success": False})
        return await login_request(with_body(request, body))

    async def query(self, request: Request) -> JSONResponse:
        body = await body_of(request)
        tell("SQL", body["sqlText"])
        try:
            body["sqlText"] = self.statements.rewrite(body["sqlText"])
        except Exception as error:  # noqa: BLE001
            tell("FAILED", [body["sqlText"], str(error)])
            return failed(str(error))
        response = await query_request(with_body(request, body))
        answer = json.loads(response.body)
        if not answer["success"]:
            tell("FAILED", [body["sqlText"], answer["message"]])
            return failed(answer["message"])
        elif "rowtype" in answer["data"] and "JavaScript" in request.headers.get("User-Agent", ""):
            answer["data"] = as_json(answer["data"])
        return JSONResponse(answer, status_code=response.status_code)

    def app(self) -> Starlette:
        own = [
            Route("/session/v1/login-request", self.login, methods=["POST"]),
            Route("/queries/v1/query-request", self.query, methods=["POST"]),
        ]
        return Starlette(routes=own + routes)


if __name__ == "__main__":
    stand_in = StandIn(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"PORT {listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(stand_in.app(), log_level="warning")).run([listener])
