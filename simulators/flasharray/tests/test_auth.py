# SPDX-License-Identifier: Apache-2.0
"""Users, roles, tokens, sessions and OAuth."""

import contextlib
import datetime
from pathlib import Path
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pypureclient import PureError, flasharray

from tests import support
from tests.client_case import ClientCase

_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
_TYPE = 'urn:ietf:params:oauth:token-type:jwt'


class AuthCase(ClientCase):
    def user(self, name: str, role: str) -> str:
        """Make a user; return an API token."""
        self.good(
            self.client.post_admins(
                names=[name],
                admin=flasharray.AdminPost(
                    password='a password',
                    role=flasharray.AdminRole(name=role),
                ),
            )
        )
        made = self.good(self.client.post_admins_api_tokens(names=[name]))
        return str(made[0].api_token.token)


class UserTest(AuthCase):
    def test_a_token_logs_its_user_in(self) -> None:
        client = self.array.client(
            api_token=self.user('alice', 'storage_admin')
        )
        sessions = self.good(client.get_sessions())
        self.assertIn('alice', {session.user for session in sessions})

    def test_users_are_listed_with_their_roles(self) -> None:
        self.user('bob', 'ops_admin')
        admins = {a.name: a for a in self.good(self.client.get_admins())}
        self.assertEqual('ops_admin', admins['bob'].role.name)
        self.assertEqual('array_admin', admins['pureuser'].role.name)
        self.assertEqual('readonly', admins['readonly'].role.name)

    def test_a_token_is_hidden_unless_asked_for(self) -> None:
        token = self.user('carol', 'readonly')
        hidden = self.good(self.client.get_admins(names=['carol']))[0]
        self.assertEqual('****', hidden.api_token.token)
        shown = self.good(
            self.client.get_admins_api_tokens(
                names=['carol'], expose_api_token=True
            )
        )[0]
        self.assertEqual(token, shown.api_token.token)

    def test_a_second_token_is_refused(self) -> None:
        self.user('dave', 'readonly')
        self.bad(
            self.client.post_admins_api_tokens(names=['dave']),
            'already exists',
        )

    def test_a_token_that_is_taken_away_does_not_log_in(self) -> None:
        token = self.user('erin', 'readonly')
        self.good(self.client.delete_admins_api_tokens(names=['erin']))
        with self.assertRaises(PureError):
            self.array.client(api_token=token)

    def test_a_token_expires(self) -> None:
        self.user('frank', 'readonly')
        self.good(self.client.delete_admins_api_tokens(names=['frank']))
        made = self.good(
            self.client.post_admins_api_tokens(
                names=['frank'], timeout=support.HOUR
            )
        )[0]
        token = made.api_token.token
        self.array.client(api_token=token)
        self.door.advance_clock(2 * support.HOUR)
        with self.assertRaises(PureError):
            self.array.client(api_token=token)

    def test_a_deleted_user_is_logged_out(self) -> None:
        client = self.array.client(api_token=self.user('grace', 'readonly'))
        self.good(self.client.delete_admins(names=['grace']))
        self.assertEqual(401, self.status_of(client))

    def status_of(self, client: Any) -> int:
        try:
            return int(client.get_arrays().status_code)
        except PureError:
            return 401

    def test_a_locked_user_does_not_log_in(self) -> None:
        token = self.user('heidi', 'readonly')
        self.good(
            self.client.patch_admins(
                names=['heidi'], admin=flasharray.AdminPatch(locked=True)
            )
        )
        with self.assertRaises(PureError):
            self.array.client(api_token=token)

    def test_nobody_deletes_himself(self) -> None:
        self.bad(self.client.delete_admins(names=['pureuser']), 'itself')

    def test_an_unknown_role_is_refused(self) -> None:
        response = self.client.post_admins(
            names=['mallory'],
            admin=flasharray.AdminPost(
                password='x', role=flasharray.AdminRole(name='root')
            ),
        )
        self.bad(response, 'role')


class RoleTest(AuthCase):
    def statuses(self, role: str) -> tuple[int, int, int, int]:
        """Return those of a read, a volume, a setting and the support."""
        client = self.array.client(
            api_token=self.user(role.replace('_', '-') + '-x', role)
        )
        return (
            client.get_volumes().status_code,
            client.post_volumes(
                names=[f'of-{role.replace("_", "-")}'],
                volume=flasharray.VolumePost(provisioned=2**20),
            ).status_code,
            client.patch_arrays(
                array=flasharray.Arrays(banner='hello')
            ).status_code,
            client.patch_support(
                support=flasharray.SupportPatch(phonehome_enabled=True)
            ).status_code,
        )

    def test_an_array_admin_does_all(self) -> None:
        self.assertEqual((200, 200, 200, 200), self.statuses('array_admin'))

    def test_a_storage_admin_changes_storage(self) -> None:
        self.assertEqual((200, 200, 403, 403), self.statuses('storage_admin'))

    def test_an_ops_admin_operates(self) -> None:
        self.assertEqual((200, 403, 403, 200), self.statuses('ops_admin'))

    def test_a_reader_reads(self) -> None:
        self.assertEqual((200, 403, 403, 403), self.statuses('readonly'))


class ForbiddenTest(AuthCase):
    def forbidden(self) -> Any:
        session = requests.Session()
        session.trust_env = False
        session.verify = self.array.certificate
        self.addCleanup(session.close)
        url = f'https://{self.array.target}/api/2.42'
        login = session.post(
            f'{url}/login', headers={'api-token': 'token-read'}
        )
        return session.post(
            f'{url}/volumes?names=no',
            headers={'x-auth-token': login.headers['x-auth-token']},
            json={},
        )

    def test_the_body_is_that_of_a_gateway(self) -> None:
        answer = self.forbidden()
        self.assertEqual(403, answer.status_code)
        self.assertEqual(
            {'message': 'Operation not permitted for a read-only user.'},
            answer.json(),
        )

    def test_the_text_is_a_switch(self) -> None:
        self.addCleanup(
            self.door.set_switch,
            'read_only_text',
            'Operation not permitted for a read-only user.',
        )
        self.door.set_switch('read_only_text', 'You cannot do this.')
        self.assertEqual(
            {'message': 'You cannot do this.'}, self.forbidden().json()
        )

    def test_the_shape_is_a_switch(self) -> None:
        self.addCleanup(self.door.set_switch, 'read_only_body', 'message')
        self.door.set_switch('read_only_body', 'errors')
        answer = self.forbidden()
        self.assertEqual(403, answer.status_code)
        self.assertIn('read-only', answer.json()['errors'][0]['message'])


class SessionTest(AuthCase):
    def set_timeout(self, milliseconds: int) -> Any:
        return self.client.patch_arrays(
            array=flasharray.Arrays(idle_timeout=milliseconds)
        )

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.set_timeout, 1_800_000)

    def statuses(self) -> list[int]:
        return [entry['status'] for entry in self.door.call_log()]

    def test_the_timeout_is_that_of_the_array(self) -> None:
        self.good(self.set_timeout(3 * support.HOUR))
        client = self.array.client()
        self.door.advance_clock(2 * support.HOUR)
        self.door.clear_call_log()
        self.good(client.get_arrays())
        self.assertEqual([200], self.statuses())

    def test_zero_is_no_timeout(self) -> None:
        self.good(self.set_timeout(0))
        client = self.array.client()
        self.door.advance_clock(30 * support.DAY)
        self.door.clear_call_log()
        self.good(client.get_arrays())
        self.assertEqual([200], self.statuses())

    def test_the_timeout_has_a_range(self) -> None:
        for value in (1, 299_999, 10_800_001):
            self.bad(self.set_timeout(value), 'idle_timeout')
        for value in (300_000, 10_800_000):
            self.good(self.set_timeout(value))

    def test_a_logout_ends_the_session_and_is_remembered(self) -> None:
        client = self.array.client()
        before = {s.id: s for s in self.good(self.client.get_sessions())}
        self.door.clear_call_log()
        client._token_man.close_session()
        self.assertEqual([200], self.statuses())
        sessions = self.raw('GET', 'sessions').json()['items']
        ended = [
            session
            for session in sessions
            if session['id'] in before and session['end_time'] is not None
        ]
        self.assertTrue(ended)
        self.assertEqual('login', ended[0]['event'])


class OAuthTest(AuthCase):
    def setUp(self) -> None:
        super().setUp()
        self.directory = self.enterContext(support.directory())
        # The client keeps its access token in the working directory.
        self.enterContext(contextlib.chdir(self.directory))
        self.key = rsa.generate_private_key(65537, 2048)

    def key_file(self) -> Path:
        path = self.directory / 'key.pem'
        path.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return path

    def register(
        self, name: str, enabled: bool = True, max_role: str = 'array_admin'
    ) -> Any:
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        made = self.good(
            self.client.post_api_clients(
                names=[name],
                api_clients=flasharray.ApiClientPost(
                    issuer=f'{name}-issuer',
                    max_role=max_role,
                    public_key=public.decode(),
                    access_token_ttl_in_ms=3_600_000,
                ),
            )
        )[0]
        self.assertFalse(made.enabled)
        if enabled:
            self.good(
                self.client.patch_api_clients(
                    names=[name],
                    api_clients=flasharray.ApiClientPatch(enabled=True),
                )
            )
        return made

    def connect(self, registered: Any, **changes: str) -> Any:
        options = {
            'private_key_file': str(self.key_file()),
            'username': 'pureuser',
            'client_id': registered.id,
            'key_id': registered.key_id,
            'issuer': registered.issuer,
            **changes,
        }
        return self.array.client(**options)

    def test_a_private_key_logs_in(self) -> None:
        client = self.connect(self.register('good-key'))
        self.assertEqual('fa-one', self.good(client.get_arrays())[0].name)
        methods = {s.method for s in self.good(client.get_sessions())}
        self.assertIn('API client', methods)

    def test_another_key_does_not(self) -> None:
        registered = self.register('other-key')
        self.key = rsa.generate_private_key(65537, 2048)
        with self.assertRaises(PureError):
            self.connect(registered)

    def test_a_wrong_claim_does_not(self) -> None:
        registered = self.register('claims')
        for changes in (
            {'issuer': 'somebody'},
            {'key_id': 'other'},
            {'client_id': 'other'},
            {'username': 'nobody'},
        ):
            with self.subTest(changes), self.assertRaises(PureError):
                self.connect(registered, **changes)

    def test_a_client_that_is_not_enabled_does_not(self) -> None:
        with self.assertRaises(PureError):
            self.connect(self.register('asleep', enabled=False))

    def test_the_clients_role_limits_the_users(self) -> None:
        client = self.connect(self.register('limited', max_role='readonly'))
        self.good(client.get_volumes())
        response = client.post_volumes(
            names=['no'], volume=flasharray.VolumePost()
        )
        self.assertEqual(403, response.status_code)

    def test_an_access_token_expires_and_is_renewed(self) -> None:
        client = self.connect(self.register('renewed'))
        self.door.advance_clock(2 * support.HOUR)
        self.door.clear_call_log()
        self.good(client.get_arrays())
        self.assertEqual(
            [401, 200, 200],
            [entry['status'] for entry in self.door.call_log()],
        )

    def exchange(self, **form: str) -> Any:
        return requests.post(
            f'https://{self.array.target}/oauth2/1.0/token',
            data=form,
            verify=self.array.certificate,
            timeout=10,
        )

    def test_another_grant_is_refused(self) -> None:
        answer = self.exchange(grant_type='password')
        self.assertEqual(400, answer.status_code)
        self.assertEqual('unsupported_grant_type', answer.json()['error'])

    def test_an_expired_identity_is_refused(self) -> None:
        registered = self.register('stale')
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        token = jwt.encode(
            {
                'iss': registered.issuer,
                'aud': registered.id,
                'sub': 'pureuser',
                'exp': past,
            },
            self.key,
            algorithm='RS256',
            headers={'kid': registered.key_id},
        )
        answer = self.exchange(
            grant_type=_GRANT, subject_token_type=_TYPE, subject_token=token
        )
        self.assertEqual('invalid_grant', answer.json()['error'])

    def test_no_identity_token_is_logged(self) -> None:
        self.door.clear_call_log()
        self.exchange(grant_type=_GRANT, subject_token='secret-token')
        self.assertNotIn('secret-token', str(self.door.call_log()))

    def test_a_key_that_is_none_is_refused(self) -> None:
        response = self.client.post_api_clients(
            names=['bad-key'],
            api_clients=flasharray.ApiClientPost(
                issuer='i', max_role='readonly', public_key='no key'
            ),
        )
        self.bad(response, 'PEM')
