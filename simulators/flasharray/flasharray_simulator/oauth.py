# SPDX-License-Identifier: Apache-2.0
"""OAuth 2 token exchange: a signed identity token for an access token."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jwt
from werkzeug.wrappers import Request, Response

from flasharray_simulator import model
from flasharray_simulator.array import ARRAY, FlashArray
from flasharray_simulator.domain import access
from flasharray_simulator.sessions import Identity, Session

PATH = 'oauth2/1.0/token'
_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
_SUBJECT = 'urn:ietf:params:oauth:token-type:jwt'
_ISSUED = 'urn:ietf:params:oauth:token-type:access_token'
_SIGNED_BY_CLIENT = 'RS256'
_SIGNED_HERE = 'HS256'


class Refused(Exception):
    """An error as RFC 6749 has them: a code and its description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


def answer(array: FlashArray, request: Request) -> Response:
    """Answer ``POST /oauth2/1.0/token``: 200 with a token, or 400."""
    try:
        with array.transaction():
            body = _exchange(array, request.form, request)
        status = 200
    except Refused as error:
        body = {'error': error.code, 'error_description': str(error)}
        status = 400
    return Response(json.dumps(body), status, content_type='application/json')


def _exchange(
    array: FlashArray, form: Mapping[str, str], request: Request
) -> dict[str, Any]:
    if form.get('grant_type') != _GRANT:
        raise Refused('unsupported_grant_type', f'expected {_GRANT}')
    if form.get('subject_token_type', _SUBJECT) != _SUBJECT:
        raise Refused('invalid_request', f'expected {_SUBJECT}')
    client, name = _verified(array, form.get('subject_token', ''))
    admin = array.admins.find(name)
    if admin is None or admin.locked:
        raise Refused('invalid_grant', f'no user {name}')
    user = Identity(admin.name, access.lesser(admin.role, client.max_role))
    token = _access_token(array, user, client)
    now = array.now()
    array.sessions.add(
        token,
        Session(
            secrets.token_hex(16),
            user,
            now,
            now,
            request.remote_addr or '',
            request.headers.get('User-Agent', ''),
            method='API client',
            expires=now + client.lifetime,
        ),
    )
    return {
        'access_token': token,
        'issued_token_type': _ISSUED,
        'token_type': 'Bearer',
        'expires_in': client.lifetime // 1000,
    }


def _verified(array: FlashArray, token: str) -> tuple[model.ApiClient, str]:
    """Return the API client that signed a token, and the user it names."""
    try:
        key_id = jwt.get_unverified_header(token).get('kid')
        claims = jwt.decode(token, options={'verify_signature': False})
        client = array.api_clients.get(str(claims.get('aud')))
        if client is None or client.key_id != key_id or not client.enabled:
            raise Refused('invalid_client', 'no such enabled API client')
        verified = jwt.decode(
            token,
            client.public_key,
            algorithms=[_SIGNED_BY_CLIENT],
            audience=client.id,
            issuer=client.issuer,
            options={'require': ['aud', 'exp', 'iss', 'sub']},
        )
    except jwt.PyJWTError as error:
        raise Refused('invalid_grant', str(error)) from None
    return client, str(verified['sub'])


def _access_token(
    array: FlashArray, user: Identity, client: model.ApiClient
) -> str:
    """Return a token whose expiry clients read in real seconds."""
    now = int(time.time())
    claims = {
        'iss': array.name,
        'aud': client.id,
        'sub': user.name,
        'iat': now,
        'exp': now + client.lifetime // 1000,
        'jti': secrets.token_hex(8),
    }
    return jwt.encode(claims, _secret(array), algorithm=_SIGNED_HERE)


def _secret(array: FlashArray) -> str:
    settings = array.settings
    if not settings.login_secret:
        settings = replace(settings, login_secret=secrets.token_hex(32))
        array.array_settings.put(settings)
    return array.array_settings[ARRAY].login_secret
