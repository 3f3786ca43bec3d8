# SPDX-License-Identifier: Apache-2.0
"""Requests as Pecan may see them."""

from typing import Any, NoReturn

import pecan
from webob import multidict


class Request(pecan.Request):
    """A request whose query and body are not Pecan's business.

    Pecan would fill arguments of the path with what it finds there and read
    a method out of it; contracts say what is in them.
    """

    @property
    def params(self) -> Any:
        return multidict.NestedMultiDict()

    @property
    def json(self) -> NoReturn:
        raise ValueError('read by aegis.api.validation')
