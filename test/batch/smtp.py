"""A mail server on a free port of 127.0.0.1 that keeps nothing: prints PORT n, then MAIL {"to", "subject", "body"} for each message."""

import asyncio
import email
import json
from email.policy import default

from aiosmtpd.smtp import SMTP


class Printer:
    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=default)
        body = message.get_body(("html", "plain"))
        mail = {"to": envelope.rcpt_tos, "subject": message["subject"], "body": body.get_content() if body else ""}
        print("MAIL " + json.dumps(mail), flush=True)
        return "250 OK"


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Printer()), "127.0.0.1", 0)
    print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
