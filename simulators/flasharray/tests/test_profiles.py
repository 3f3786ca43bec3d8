# SPDX-License-Identifier: Apache-2.0
"""Version profiles: what each announces, has and does not have."""

import unittest
from typing import Any

import requests

from flasharray_simulator import profiles
from flasharray_simulator.door import DoorError
from tests import support


class ProfileTest(unittest.TestCase):
    def test_the_release_fits_the_rest_version(self) -> None:
        for last, release in (
            ('2.26', '6.4.10'),
            ('2.36', '6.6.11'),
            ('2.42', '6.8.5'),
        ):
            self.assertEqual(release, profiles.find(last).purity(50))

    def test_the_default_is_2_42(self) -> None:
        self.assertEqual('2.42', profiles.DEFAULT)

    def test_versions_that_never_were_are_not_announced(self) -> None:
        versions = profiles.find('2.58').versions()
        self.assertEqual('2.0', versions[0])
        self.assertEqual('2.58', versions[-1])
        self.assertEqual(57, len(versions))
        self.assertFalse({'2.12', '2.18'} & set(versions))

    def test_an_unknown_profile_is_answered_with_the_known(self) -> None:
        with self.assertRaisesRegex(ValueError, '2.36, 2.42'):
            profiles.find('2.37')


class UpgradeCase(unittest.TestCase):
    """One array whose profile the tests change."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        running = cls.enterClassContext(support.RunningArrays(['fa-old']))
        cls.array = running['fa-old']
        cls.door = cls.array.door

    def setUp(self) -> None:
        super().setUp()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = self.array.certificate
        self.addCleanup(self.session.close)
        self.addCleanup(self.door.set_profile, '2.42')

    def url(self, version: str, path: str) -> str:
        return f'https://{self.array.target}/api/{version}/{path}'

    def log_in(self, version: str) -> None:
        answer = self.session.post(
            self.url(version, 'login'), headers={'api-token': self.array.token}
        )
        self.session.headers['x-auth-token'] = answer.headers['x-auth-token']

    def get(self, version: str, path: str) -> Any:
        return self.session.get(self.url(version, path))

    def versions(self) -> list[str]:
        answer = self.session.get(
            f'https://{self.array.target}/api/api_version'
        )
        return list(answer.json()['version'])


class DoorTest(UpgradeCase):
    def test_a_session_outlives_an_upgrade(self) -> None:
        self.door.set_profile('2.26')
        self.log_in('2.26')
        self.assertEqual(404, self.get('2.42', 'arrays').status_code)
        self.door.set_profile('2.42')
        self.assertEqual(200, self.get('2.26', 'arrays').status_code)
        self.assertEqual(200, self.get('2.42', 'arrays').status_code)

    def test_what_is_announced_follows(self) -> None:
        self.door.set_profile('2.36')
        self.assertEqual('2.36', self.versions()[-1])
        self.door.set_profile('2.58')
        self.assertEqual('2.58', self.versions()[-1])

    def test_the_release_follows(self) -> None:
        self.door.set_profile('2.36')
        self.log_in('2.36')
        item = self.get('2.36', 'arrays').json()['items'][0]
        self.assertEqual('6.6.11', item['version'])
        item = self.get('2.36', 'controllers').json()['items'][0]
        self.assertEqual('6.6.11', item['version'])

    def test_the_switch_says_what_purity_6_9_speaks(self) -> None:
        self.addCleanup(self.door.set_switch, 'purity_6_9_rest', 50)
        self.door.set_profile('2.58')
        self.assertEqual('6.10.0', self.door.status()['purity'])
        self.door.set_switch('purity_6_9_rest', 58)
        self.assertEqual('6.9.0', self.door.status()['purity'])
        self.door.set_profile('2.50')
        self.assertEqual('6.9.0', self.door.status()['purity'])
        self.door.set_switch('purity_6_9_rest', 49)
        self.assertEqual('6.10.0', self.door.status()['purity'])

    def test_an_unknown_profile_is_refused(self) -> None:
        with self.assertRaisesRegex(DoorError, '2.58'):
            self.door.set_profile('1.19')

    def test_a_profile_survives_a_kill(self) -> None:
        self.door.set_profile('2.36')
        self.array.kill()
        self.array.start()
        self.array.ready()
        self.assertEqual('2.36', self.door.status()['profile'])


class PresenceTest(UpgradeCase):
    """What is newer than the version in the URL is not there."""

    def setUp(self) -> None:
        super().setUp()
        self.log_in('2.42')
        answer = self.session.post(
            self.url('2.42', 'volumes?names=v'), json={'provisioned': 2**20}
        )
        self.assertIn(answer.status_code, (200, 400))

    def item(self, version: str, path: str) -> dict[str, Any]:
        return dict(self.get(version, path).json()['items'][0])

    def test_a_path_is_404_before_its_first_version(self) -> None:
        for path, before, first in (
            ('sessions', '2.3', '2.4'),
            ('container-default-protections', '2.15', '2.16'),
            ('fleets', '2.35', '2.36'),
            ('pods/tags', '2.38', '2.39'),
        ):
            with self.subTest(path):
                self.assertEqual(404, self.get(before, path).status_code)
                self.assertEqual(200, self.get(first, path).status_code)

    def test_a_method_is_404_before_its_first_version(self) -> None:
        body = [{'name': 'batch', 'provisioned': 2**20}]
        for version, status in (('2.31', 404), ('2.32', 200)):
            answer = self.session.post(
                self.url(version, 'volumes/batch'), json=body
            )
            self.assertEqual(status, answer.status_code)

    def test_items_have_their_context_from_2_38(self) -> None:
        self.assertNotIn('context', self.item('2.37', 'volumes?names=v'))
        context = self.item('2.38', 'volumes?names=v')['context']
        self.assertEqual({'name': 'fa-old', 'id': context['id']}, context)

    def test_a_field_is_absent_before_its_first_version(self) -> None:
        for field, before, first in (
            ('promotion_status', '2.1', '2.2'),
            ('priority_adjustment', '2.9', '2.10'),
            ('protocol_endpoint', '2.32', '2.33'),
            ('workload', '2.39', '2.40'),
        ):
            with self.subTest(field):
                path = 'volumes?names=v'
                self.assertNotIn(field, self.item(before, path))
                self.assertIn(field, self.item(first, path))

    def test_a_field_inside_of_another_is_absent_too(self) -> None:
        path = 'volumes?names=v'
        self.assertNotIn('footprint', self.item('2.33', path)['space'])
        self.assertIn('footprint', self.item('2.34', path)['space'])

    def test_a_pod_names_its_members_from_2_36(self) -> None:
        self.session.post(self.url('2.42', 'pods?names=p'), json={})
        path = 'pods?names=p'
        self.assertNotIn('member', self.item('2.35', path)['arrays'][0])
        self.assertIn('member', self.item('2.36', path)['arrays'][0])

    def test_a_parameter_is_refused_before_its_first_version(self) -> None:
        path = 'volumes?names=v&context_names=fa-old'
        self.assertEqual(400, self.get('2.37', path).status_code)
        self.assertEqual(200, self.get('2.38', path).status_code)

    def test_a_body_field_is_refused_before_its_first_version(self) -> None:
        wanted = {
            'priority_adjustment_operator': '+',
            'priority_adjustment_value': 10,
        }
        for version, status in (('2.9', 400), ('2.10', 200)):
            answer = self.session.patch(
                self.url(version, 'volumes?names=v'),
                json={'priority_adjustment': wanted},
            )
            self.assertEqual(status, answer.status_code, answer.text)

    def test_the_context_may_be_empty_own_name_or_own_id(self) -> None:
        own = self.item('2.42', 'arrays')
        for context in ('', 'fa-old', 'FA-OLD', own['id']):
            path = f'volumes?context_names={context}'
            self.assertEqual(200, self.get('2.42', path).status_code)

    def test_another_context_is_refused(self) -> None:
        for context in ('other', 'fa-old,other'):
            path = f'volumes?context_names={context}'
            self.assertEqual(400, self.get('2.42', path).status_code)

    def test_an_id_means_the_same_as_a_name(self) -> None:
        identifier = self.item('2.42', 'volumes?names=v')['id']
        answer = self.session.patch(
            self.url('2.42', f'volumes?ids={identifier}'),
            json={'qos': {'iops_limit': 1000}},
        )
        self.assertEqual(200, answer.status_code)
        self.assertEqual('v', answer.json()['items'][0]['name'])

    def test_an_unknown_id_is_refused(self) -> None:
        answer = self.session.delete(self.url('2.42', 'volumes?ids=nothing'))
        self.assertEqual(400, answer.status_code)
