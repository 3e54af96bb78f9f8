"""The optional obstore, as ``obs``; importing this module without it says how to get it. What its errors mean."""

import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from actcli.errors import ActcliError, StorageError

try:
    import obstore as obs
    from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
    from obstore.store import AzureStore, GCSStore, S3Store, from_url
except ImportError:
    raise ActcliError(
        "s3://, gs:// and az:// need obstore; install it with: pip install 'actcli[remote]' "
        "(from a clone: pip install '.[remote]')"
    ) from None

if TYPE_CHECKING:
    from obstore.store import RetryConfig

__all__ = ["AlreadyExistsError", "PreconditionError", "begin", "call", "call_within", "obs", "open_store", "shorten"]

_RETRIES, _RETRY_SECONDS = 3, 30
_CREDENTIALS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true for a public bucket",
    "gs": "GOOGLE_SERVICE_ACCOUNT, the path of a key file",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
# Where a cloud's own machines get credentials: the last place to look for them.
_METADATA_SERVER = re.compile(r"/latest/(?:api/token|meta-data)|/computeMetadata/|/metadata/identity/")
_MEANINGS = {  # what a text of obstore's tells, the more specific ones first
    "Account must be specified": "set AZURE_STORAGE_ACCOUNT_NAME",
    "BadScheme": "an http:// endpoint has to be allowed: set AWS_ALLOW_HTTP=true",
    "Received redirect without LOCATION": "the bucket is in another region; set AWS_REGION",
    "kind: Timeout": "the store did not answer in time",
    "kind: Connect": "there is no connection to the store",
    "HTTP error": "the connection to the store was lost",
}
_SAID = re.compile(r"<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", re.DOTALL)  # by S3 and Azure
_STATUS = re.compile(r"status code: (\d+ [A-Z]\w+(?: [A-Z]\w+)*)")
_STATUS_MEANINGS = {
    "400 Bad Request": "the store answered 400 Bad Request; is AWS_REGION that of the bucket?",
    "403 Forbidden": "permission denied; check the credentials",
    "404 Not Found": "there is no such object, or no such bucket",
}
_REASON_CHARACTERS = 200

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_threads = ThreadPoolExecutor()


def begin(
    doing: str, url: str, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Callable[[], Result]:
    """Call a function of obstore on another thread, since it hears no signal; return what waits for its result.

    Args:
        doing: what it does to the URL, for messages.
        url: what messages name.
        function: the function.
        args: its arguments.
        kwargs: its keyword arguments.

    Raises:
        StorageError: from waiting, for whatever went wrong, but for unmet conditions, which have errors of their own.

    """
    future = _threads.submit(function, *args, **kwargs)

    def wait() -> Result:
        try:
            return future.result()
        except (AlreadyExistsError, PreconditionError):
            raise
        except (BaseError, OSError, ValueError) as error:
            raise StorageError(f"cannot {doing} {url}: {_reason(error, url.partition(':')[0])}") from error

    return wait


def call(
    doing: str, url: str, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Call a function of obstore, and return its result; arguments and errors as for ``begin``."""
    return begin(doing, url, function, *args, **kwargs)()


def call_within(seconds: float, function: Callable[[], None]) -> None:
    """Call a function that raises nothing, but wait for a limited time only: for what ends the program."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(seconds)


@lru_cache
def open_store(bucket: str) -> S3Store | GCSStore | AzureStore:
    """Return the store of a bucket, as in ``s3://bucket``, with credentials and endpoint from the environment."""
    if bucket.startswith("s3:"):
        _check_endpoint()
    retries: RetryConfig = {"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_RETRY_SECONDS)}
    store = call("open", bucket, lambda: from_url(bucket, retry_config=retries))
    assert isinstance(store, S3Store | GCSStore | AzureStore)
    return store


def _check_endpoint() -> None:
    """Raise StorageError for an endpoint that obstore would not refuse, but panic over."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        value = os.environ.get(name, "https://")
        if not value.startswith(("http://", "https://")):
            raise StorageError(f"{name} must begin with https:// or http://, got {value!r}")


def _reason(error: Exception, scheme: str) -> str:
    """Return what an error of obstore means, in one line."""
    text = str(error)
    if _METADATA_SERVER.search(text):
        return f"there are no credentials; set {_CREDENTIALS[scheme]}"
    if said := _SAID.search(text):
        return shorten(f"{said[2]} ({said[1]})")
    for sign, meaning in _MEANINGS.items():
        if sign in text:
            return meaning
    if status := _STATUS.search(text):
        return _STATUS_MEANINGS.get(status[1], f"the store answered {status[1]}")
    return shorten(text.partition("\n")[0])


def shorten(text: str) -> str:
    """Return a text from elsewhere as a part of a message."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown if len(shown) <= _REASON_CHARACTERS else shown[: _REASON_CHARACTERS - 3] + "..."
