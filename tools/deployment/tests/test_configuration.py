# SPDX-License-Identifier: Apache-2.0

import configparser
import pathlib
import unittest

from deployment import configuration
from deployment.tests import samples


def read(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser


class RenderTest(unittest.TestCase):
    def settings(self, **values: object) -> configuration.Settings:
        sites = samples.sites()
        return configuration.Settings(
            **{
                'directory': pathlib.Path('/somewhere'),
                'host': 'engine-1',
                'local': sites.west,
                'sites': sites,
                'database_url': None,
                'transport_url': None,
                **values,
            }
        )

    def test_has_a_section_for_each_site_and_array(self) -> None:
        found = read(configuration.render(self.settings()))
        self.assertEqual('fa-east', found['site:east']['arrays'])
        self.assertEqual('token-west', found['array:fa-west']['api_token'])
        self.assertEqual('west', found['DEFAULT']['local_site'])
        self.assertEqual('east,west', found['DEFAULT']['sites'])

    def test_keeps_the_embedded_database_in_the_directory(self) -> None:
        found = read(configuration.render(self.settings()))
        self.assertEqual(
            'sqlite:////somewhere/aegis.sqlite',
            found['database']['connection'],
        )
        self.assertNotIn('transport_url', found['DEFAULT'])

    def test_uses_the_servers_of_a_distributed_one(self) -> None:
        found = read(
            configuration.render(
                self.settings(database_url='mysql://', transport_url='rabbit:')
            )
        )
        self.assertEqual('mysql://', found['database']['connection'])
        self.assertEqual('rabbit:', found['DEFAULT']['transport_url'])

    def test_extra_options_win(self) -> None:
        extra = (
            ('array:fa-west', 'api_token', 'wrong'),
            ('another', 'option', '1'),
        )
        found = read(configuration.render(self.settings(extra=extra)))
        self.assertEqual('wrong', found['array:fa-west']['api_token'])
        self.assertEqual('1', found['another']['option'])

    def test_a_percent_sign_in_a_password_stays(self) -> None:
        found = read(
            configuration.render(self.settings(database_url='mysql://a%40b'))
        )
        self.assertEqual('mysql://a%40b', found['database']['connection'])
