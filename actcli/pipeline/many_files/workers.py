"""Other processes that do files, through Dask: some on this machine, or a cluster elsewhere."""

import contextlib
import ipaddress
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from actcli.errors import ActcliError, ArgumentError, StorageError

try:
    import dask
    from distributed import Client, LocalCluster, Security

    from actcli.pipeline.many_files.distribution import Workers
except ImportError:
    raise ActcliError(
        "--jobs and --cluster need Dask; install it with: pip install 'actcli[cluster]' "
        "(from a clone: pip install '.[cluster]')"
    ) from None

CONNECTING_SECONDS = 5
"""How long a scheduler may take to answer."""
_SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ": {"POLARS_MAX_THREADS": 1},  # instead of an allocator that keeps no memory
    "distributed.comm.timeouts.connect": f"{CONNECTING_SECONDS}s",
    "distributed.comm.retry.count": 0,
}


class Jobs(Workers):
    """Processes on this machine.

    They listen on the loopback alone, and to nobody without the certificate that is made for this run.

    Args:
        count: how many.

    """

    def __init__(self, count: int) -> None:
        super().__init__("--jobs")
        self._count = count

    def connect(self) -> AbstractContextManager[Client]:
        """Return what has the processes running in the meantime."""
        return _start_jobs(self._count)


class Cluster(Workers):
    """The workers of a scheduler, which have to find the files under the same names.

    Args:
        address: of the scheduler.

    Raises:
        ArgumentError: for an address that is not encrypted, unless it is of this machine.

    """

    def __init__(self, address: str) -> None:
        super().__init__(_check_address(address))

    def connect(self) -> AbstractContextManager[Client]:
        """Return what is connected in the meantime.

        Raises:
            ActcliError: if no certificates are configured.
            StorageError: if the scheduler does not answer.

        """
        return _connect(self._name)


@contextlib.contextmanager
def _start_jobs(count: int) -> Iterator[Client]:
    with (
        _quiet_dask(),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls://",
            security=Security.temporary(),
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextlib.contextmanager
def _connect(address: str) -> Iterator[Client]:
    with _quiet_dask():
        try:
            client = Client(address, security=Security(), timeout=CONNECTING_SECONDS)
        except (TypeError, FileNotFoundError):  # what Dask raises without certificates
            raise ActcliError(
                f"{address} needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..._TLS__CLIENT__CERT and "
                "..._TLS__CLIENT__KEY to files that exist; see docs/many-files.md"
            ) from None
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise StorageError(f"no scheduler answers at {address}: {reason}") from None
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):  # one that is lost cannot be told goodbye
                client.close(timeout=1)


@contextlib.contextmanager
def _quiet_dask() -> Iterator[None]:
    """Let Dask say nothing in the meantime: what matters is told in one line."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with dask.config.set(_SETTINGS):
            yield
    finally:
        logging.disable(before)


def _check_address(address: str) -> str:
    """Return an address; raise ArgumentError unless it is encrypted, or of this machine."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port is None or parts.scheme not in ("tls", "tcp"):
        raise ArgumentError("cluster", f"must be an address like tls://head:8786, got {address!r}")
    if parts.scheme == "tcp" and not _is_loopback(host):
        raise ArgumentError("cluster", f"must be tls://{host}:{port}: without encryption only this machine is allowed")
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
