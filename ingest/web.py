"""Reading publishers' addresses: one place for requests, their time limits and their errors."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import cast

from knowledge.errors import SourceUnavailable

__all__ = ["open_address"]

SECONDS = 60
AGENT = "medcode (+local use)"


@contextmanager
def open_address(address: str, headers: Mapping[str, str] | None = None) -> Iterator[HTTPResponse]:
    """Open an http or https address for reading.

    Raises :class:`~knowledge.errors.SourceUnavailable`, in one line, without a network, on a refusal, and when the transfer breaks off.
    """
    if not address.startswith(("https://", "http://")):
        raise SourceUnavailable(f"expected an http or https address, got {address[:60]!r}")
    request = urllib.request.Request(address, headers={"User-Agent": AGENT, **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            yield cast(HTTPResponse, response)
    except urllib.error.HTTPError as error:
        with error:
            raise SourceUnavailable(f"{address}: the publisher answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise SourceUnavailable(
            f"{address}: no connection ({error.reason}); on a machine without network download the file elsewhere"
        ) from error
    except (OSError, HTTPException) as error:
        raise SourceUnavailable(
            f"{address}: the transfer broke off ({error or type(error).__name__}); run it again to go on"
        ) from error
