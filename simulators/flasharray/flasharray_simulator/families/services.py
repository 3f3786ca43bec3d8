# SPDX-License-Identifier: Apache-2.0
"""What an array tells, and asks, the services around it."""

import re

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Item, Route
from flasharray_simulator.domain import network
from flasharray_simulator.families.records import (
    Family,
    Field,
    flag,
    no_reference,
    number,
    one_of,
    structure,
    structures,
    text,
    texts,
)
from flasharray_simulator.secrecy import HIDDEN

_MAIL = re.compile(r'[^@\s]+@[^@\s]+\Z')
_V3: Item = {
    'auth_passphrase': None,
    'auth_protocol': None,
    'privacy_passphrase': None,
    'privacy_protocol': None,
    'user': None,
}
_V2C: Item = {'community': None}
_MANAGEMENT: Item = {
    'ssh_public_key_attribute': None,
    'user_login_attribute': None,
    'user_object_class': None,
}
_IDENTITY_PROVIDER: Item = {
    'encrypt_assertion_enabled': False,
    'entity_id': '',
    'metadata_url': '',
    'sign_request_enabled': False,
    'url': '',
    'verification_certificate': '',
}
_SERVICE_PROVIDER: Item = {
    'assertion_consumer_url': '',
    'decryption_credential': no_reference(),
    'entity_id': '',
    'metadata_url': '',
    'signing_credential': no_reference(),
}
_REMOTE_ASSIST = 86_400_000


def _hide_passphrases(
    array: FlashArray, record: model.Record, item: Item
) -> Item:
    v3 = dict(item['v3'])
    for name in ('auth_passphrase', 'privacy_passphrase'):
        v3[name] = HIDDEN if v3.get(name) else None
    return {**item, 'v3': v3}


def _anything(name: str) -> bool:
    return bool(name)


def _remote_assist(
    array: FlashArray, record: model.Record, item: Item
) -> Item:
    active = bool(item['remote_assist_active'])
    opened = record.changed if active else 0
    duration = item['remote_assist_duration']
    status = 'connected' if active else 'disconnected'
    return {
        **item,
        'remote_assist_paths': [
            {'component_name': name, 'status': status}
            for name in network.CONTROLLERS
        ],
        'remote_assist_status': status,
        'remote_assist_opened': opened,
        'remote_assist_expires': opened + duration if opened else 0,
    }


def _expiry(array: FlashArray, record: model.Record, item: Item) -> Item:
    timeout = item.pop('timeout')
    return {
        **item,
        'created': record.created,
        'expires': record.created + timeout,
    }


def _role(name: str) -> tuple[str, Item]:
    policy = {'name': name, 'id': None}
    policy['resource_type'] = 'management-access-policies'
    return name, {
        'role': {'name': name},
        'management_access_policies': [policy],
    }


FAMILIES: tuple[Family, ...] = (
    Family(
        'active-directory',
        'Active directory',
        (
            Field('computer_name'),
            Field('directory_servers', [], texts),
            Field('domain'),
            Field('join_ou'),
            Field('kerberos_servers', [], texts),
            Field('password', None, text, secret=True),
            Field('sources', [], structures),
            Field('tls', 'required', one_of('required', 'optional')),
            Field('user'),
            Field('server', no_reference(), None),
        ),
        required=('domain',),
        creating=('join_existing_account',),
        deleting=('local_only',),
    ),
    Family(
        'admins/settings',
        'Admin setting',
        (
            Field('lockout_duration', None, number),
            Field('max_login_attempts', None, number),
            Field('min_password_length', 1, number),
            Field(
                'required_authentication_methods',
                {'ssh': None, 'web_ui': None},
                structure,
            ),
            Field('single_sign_on_enabled', False, flag),
        ),
        ('PATCH',),
        initial=(('settings', {}),),
        single=True,
        named=False,
    ),
    Family(
        'alert-watchers',
        'Alert watcher',
        (Field('enabled', True, flag),),
        initial=(('flasharray-alerts@purestorage.com', {}),),
        well_formed=lambda name: bool(_MAIL.match(name)),
    ),
    Family(
        'arrays/eula',
        'EULA',
        (
            Field('agreement', 'End user agreement.'),
            Field(
                'signature',
                {
                    'accepted': None,
                    'company': None,
                    'name': None,
                    'title': None,
                },
                structure,
            ),
        ),
        ('PATCH',),
        initial=(('eula', {}),),
        single=True,
        named=False,
    ),
    Family(
        'directory-services',
        'Directory service',
        (
            Field('base_dn'),
            Field('bind_password', None, text, secret=True),
            Field('bind_user'),
            Field('ca_certificate'),
            Field('ca_certificate_ref', no_reference(), structure),
            Field('check_peer', False, flag),
            Field('enabled', False, flag),
            Field('management', _MANAGEMENT, structure),
            Field('services', [], texts),
            Field('sources', [], structures),
            Field('uris', [], texts),
            Field('server', no_reference(), None),
            Field('ca_certificate_group', no_reference(), structure),
            Field('realms', [], None),
        ),
        initial=(
            ('data', {'services': ['data']}),
            ('management', {'services': ['management']}),
        ),
        identified=True,
    ),
    Family(
        'directory-services/roles',
        'Directory service role',
        (
            Field('group'),
            Field('group_base'),
            Field('management_access_policies', [], structures),
            Field('role', {'name': None}, structure),
        ),
        initial=tuple(
            _role(name)
            for name in (
                'array_admin',
                'ops_admin',
                'readonly',
                'storage_admin',
            )
        ),
        extra=('role_names',),
        changing=('role_names',),
    ),
    Family(
        'dns',
        'DNS configuration',
        (
            Field('domain', ''),
            Field('nameservers', [], texts),
            Field('services', [], texts),
            Field('source', no_reference(), structure),
            Field('ca_certificate', no_reference(), structure),
            Field('ca_certificate_group', no_reference(), structure),
            Field('realms', [], None),
        ),
        initial=(('management', {'services': ['management']}),),
        single=True,
    ),
    Family(
        'kmip',
        'KMIP server',
        (
            Field('ca_certificate'),
            Field('certificate', {'name': None}, structure),
            Field('kmip_objects', [], None),
            Field('uris', [], texts),
        ),
        required=('uris',),
    ),
    Family(
        'maintenance-windows',
        'Maintenance window',
        (Field('timeout', 3_600_000, number),),
        ('POST', 'DELETE'),
        computed=_expiry,
    ),
    Family(
        'policies/password',
        'Policy',
        (
            Field('enabled', True, flag),
            Field('enforce_dictionary_check', False, flag),
            Field('enforce_username_check', False, flag),
            Field('lockout_duration', None, number),
            Field('max_login_attempts', None, number),
            Field('max_password_age', 0, number),
            Field('min_character_groups', 1, number),
            Field('min_characters_per_group', 1, number),
            Field('min_password_age', 0, number),
            Field('min_password_length', 1, number),
            Field('password_history', 0, number),
            Field('policy_type', 'password', None),
        ),
        ('PATCH',),
        initial=(('management', {}),),
        identified=True,
    ),
    Family(
        'smi-s',
        'SMI-S',
        (
            Field('slp_enabled', False, flag),
            Field('wbem_https_enabled', False, flag),
        ),
        ('PATCH',),
        initial=(('smi-s', {}),),
        single=True,
        named=False,
    ),
    Family(
        'smtp-servers',
        'SMTP server',
        (
            Field('body_prefix'),
            Field('encryption_mode'),
            Field('password', None, text, secret=True),
            Field('relay_host'),
            Field('sender_domain', 'example.com'),
            Field('sender_username'),
            Field('subject_prefix'),
            Field('user_name'),
        ),
        ('PATCH',),
        initial=(('smtp', {}),),
        single=True,
    ),
    Family(
        'snmp-agents',
        'SNMP agent',
        (
            Field('engine_id', '80000d5c04', None),
            Field('v2c', _V2C, structure),
            Field('v3', _V3, structure),
            Field('version', 'v2c', one_of('v2c', 'v3')),
        ),
        ('PATCH',),
        initial=(('localhost', {}),),
        single=True,
        computed=_hide_passphrases,
    ),
    Family(
        'snmp-managers',
        'SNMP manager',
        (
            Field('host'),
            Field('notification', 'trap', one_of('trap', 'inform')),
            Field('v2c', _V2C, structure),
            Field('v3', _V3, structure),
            Field('version', 'v2c', one_of('v2c', 'v3')),
        ),
        required=('host',),
        computed=_hide_passphrases,
    ),
    Family(
        'sso/saml2/idps',
        'SAML2 SSO configuration',
        (
            Field('array_url'),
            Field('enabled', False, flag),
            Field('idp', _IDENTITY_PROVIDER, structure),
            Field(
                'management',
                {'trust_other_saml_sps_in_fleet': False},
                structure,
            ),
            Field('services', ['management'], None),
            Field('sp', _SERVICE_PROVIDER, structure),
        ),
        identified=True,
    ),
    Family(
        'support',
        'Support',
        (
            Field('phonehome_enabled', False, flag),
            Field('phonehome_excludes', [], texts),
            Field('proxy', ''),
            Field('remote_assist_active', False, flag),
            Field('remote_assist_duration', _REMOTE_ASSIST, number),
        ),
        ('PATCH',),
        initial=(('support', {}),),
        single=True,
        named=False,
        computed=_remote_assist,
    ),
    Family(
        'syslog-servers',
        'Syslog server',
        (
            Field('services', ['data-audit', 'management'], texts),
            Field('target_type', ''),
            Field('uri'),
        ),
        required=('uri',),
        well_formed=_anything,
    ),
    Family(
        'syslog-servers/settings',
        'Syslog setting',
        (
            Field('ca_certificate'),
            Field('logging_severity', 'info'),
            Field('tls_audit_enabled', True, flag),
        ),
        ('PATCH',),
        initial=(('settings', {}),),
        single=True,
        named=False,
    ),
)


def _routes() -> tuple[Route, ...]:
    return tuple(route for family in FAMILIES for route in family.routes())


ROUTES = _routes()
