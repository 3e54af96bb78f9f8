"""A store of objects on this machine, in a process of its own; and one that answers whatever it is told to."""

import contextlib
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.command import ENVIRONMENT

_PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()  # until whoever started it has ended
"""
_STARTING_SECONDS = 60


def environment(port: int) -> dict[str, str]:
    """Return the environment of a command that is to find a store on a port of the loopback."""
    return ENVIRONMENT | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }


class ObjectStore:
    """A store with one bucket, called ``bucket``, seen by a client that has nothing to do with the program."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        timer = threading.Timer(_STARTING_SECONDS, self._process.kill)
        timer.start()
        port = int(self._process.stdout.readline())
        timer.cancel()
        self.env = environment(port)
        self._client = boto3.client(
            "s3",
            endpoint_url=self.env["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
            config=Config(connect_timeout=10, read_timeout=30),
        )
        self._client.create_bucket(Bucket="bucket")

    def put(self, key: str, data: bytes) -> str:
        """Write an object, and return its URL."""
        self._client.put_object(Bucket="bucket", Key=key, Body=data)
        return f"s3://bucket/{key}"

    def get(self, key: str) -> bytes:
        """Return the bytes of an object."""
        return self._client.get_object(Bucket="bucket", Key=key)["Body"].read()

    def exists(self, key: str) -> bool:
        """Tell whether there is an object."""
        try:
            self._client.head_object(Bucket="bucket", Key=key)
        except ClientError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove an object."""
        self._client.delete_object(Bucket="bucket", Key=key)

    def below(self, prefix: str) -> dict[str, bytes]:
        """Return all objects below a prefix, by the rest of their names."""
        found = self._client.list_objects_v2(Bucket="bucket", Prefix=prefix).get("Contents", [])
        return {each["Key"].removeprefix(prefix): self.get(each["Key"]) for each in found}

    def listing(self) -> dict[str, tuple[int, str]]:
        """Return size and ETag of each object."""
        found = self._client.list_objects_v2(Bucket="bucket").get("Contents", [])
        return {each["Key"]: (each["Size"], each["ETag"]) for each in found}

    def uploads(self) -> set[str]:
        """Return the keys of the uploads that were begun and neither finished nor aborted."""
        return {each["Key"] for each in self._client.list_multipart_uploads(Bucket="bucket").get("Uploads", [])}

    def stop(self) -> None:
        """End it at once, as a machine that fails does."""
        self._client.close()
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def answering(status: int, body: str = "", stalled: threading.Event | None = None) -> Iterator[int]:
    """Yield the port of a store that answers each request alike; or, if there is an event, not before that."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if stalled is not None:
                stalled.wait(60)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            data = b"" if self.command == "HEAD" else body.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
