# SPDX-License-Identifier: Apache-2.0
"""Every text that a client looks for is where it looks."""

from typing import Any

from tests import strings, support
from tests.raw import RawClient

_GONE = {'destroyed': True}
_SIZE = {'provisioned': 2**20}


class StringsTest(support.OneArrayCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.raw = cls.enterClassContext(RawClient(cls.array, '2.42'))
        cls._make()

    @classmethod
    def _make(cls) -> None:
        for path, name, body in (
            ('volumes', 'volume,other,gone', _SIZE),
            ('pods', 'pod,full-pod,gone-pod', {}),
            ('volumes', 'full-pod::volume', _SIZE),
            ('volume-groups', 'vgroup,gone-vgroup', {}),
            ('protection-groups', 'group,gone-group', None),
            ('hosts', 'host', {'iqns': ['iqn.2026-01.org.example:host']}),
        ):
            cls.good('POST', path, body, names=name)
        member = {'group_names': 'group', 'member_names': 'volume'}
        cls.good('POST', 'protection-groups/volumes', **member)
        pair = {'host_names': 'host', 'volume_names': 'volume'}
        cls.good('POST', 'connections', {}, **pair)
        for path, source in (
            ('volume-snapshots', 'volume'),
            ('protection-group-snapshots', 'group'),
        ):
            suffix = {'suffix': 'gone'}
            cls.good('POST', path, suffix, source_names=source)
            cls.good('PATCH', path, _GONE, names=f'{source}.gone')
        for path, name in strings.PENDING:
            cls.good('PATCH', path, _GONE, names=name)
        query = {'names': 'full-pod', 'destroy_contents': 'true'}
        cls.good('PATCH', 'pods', _GONE, **query)

    @classmethod
    def good(
        cls, method: str, path: str, body: Any = None, **query: str
    ) -> Any:
        response = cls.raw.call(method, path, query, body)
        if response.status_code != 200:
            raise AssertionError(f'{method} {path} {query}: {response.text}')
        return response.json()

    def test_every_text_is_there(self) -> None:
        for row in strings.ROWS:
            with self.subTest(row.title):
                response = self.raw.call(
                    row.method, row.path, row.query, row.body or None
                )
                self.assertEqual(400, response.status_code, response.text)
                message = response.json()['errors'][0]['message']
                self.assertIn(row.text, message)

    def test_a_name_that_is_pending_is_not_said_to_exist(self) -> None:
        for path, name in strings.PENDING:
            with self.subTest(path):
                body = _SIZE if path == 'volumes' else None
                response = self.raw.call('POST', path, {'names': name}, body)
                self.assertEqual(400, response.status_code)
                self.assertNotIn('already exists', response.text)

    def test_an_empty_name_is_no_name(self) -> None:
        """LXD reads its array so."""
        self.assertEqual(1, len(self.good('GET', 'arrays', names='')['items']))

    def test_destroyed_objects_are_listed_unless_refused(self) -> None:
        """LXD finds what it must eradicate so."""
        for destroyed, expected in (('', True), ('true', True), ('false', 0)):
            query = {'destroyed': destroyed} if destroyed else {}
            names = [
                item['name']
                for item in self.good('GET', 'volumes', **query)['items']
            ]
            self.assertEqual(bool(expected), 'gone' in names)
