# SPDX-License-Identifier: Apache-2.0
"""/certificates: kept, imported, made anew, and requests to sign one."""

import datetime
import json
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.collections import Collection
from flasharray_simulator.listing import Listing

LABEL = 'Certificate'
_FAMILY = 'certificates'
_MANAGEMENT = 'management'
_DAYS = 3650
_SUBJECT = (
    ('common_name', NameOID.COMMON_NAME),
    ('country', NameOID.COUNTRY_NAME),
    ('email', NameOID.EMAIL_ADDRESS),
    ('locality', NameOID.LOCALITY_NAME),
    ('organization', NameOID.ORGANIZATION_NAME),
    ('organizational_unit', NameOID.ORGANIZATIONAL_UNIT_NAME),
    ('state', NameOID.STATE_OR_PROVINCE_NAME),
)
_BODY = (
    *(name for name, _ in _SUBJECT),
    'certificate',
    'certificate_type',
    'days',
    'intermediate_certificate',
    'issued_by',
    'issued_to',
    'key',
    'key_algorithm',
    'key_size',
    'name',
    'passphrase',
    'status',
    'subject_alternative_names',
    'valid_from',
    'valid_to',
)


def _collection(array: FlashArray) -> Collection[model.Record]:
    """Return the certificates; that of the array's own port is always."""
    found = array.records_of(_FAMILY)
    if found.find(_MANAGEMENT) is None:
        body = {'common_name': array.name, 'organization': array.name}
        _put(array, _MANAGEMENT, _self_signed(body))
    return found


def _put(array: FlashArray, name: str, body: Item) -> model.Record:
    present = array.records_of(_FAMILY).find(name)
    if present is None:
        present = model.Record(array.new_id(), name, array.now())
    return array.records_of(_FAMILY).put(
        replace(present, body=json.dumps(body), changed=array.now())
    )


def _render(record: model.Record) -> Item:
    body = json.loads(record.body)
    loaded = x509.load_pem_x509_certificate(body['certificate'].encode())
    key = loaded.public_key()
    return {
        'id': record.id,
        'name': record.name,
        'certificate': body['certificate'],
        'certificate_type': 'array',
        'intermediate_certificate': body.get('intermediate_certificate'),
        'issued_by': _common_name(loaded.issuer),
        'issued_to': _common_name(loaded.subject),
        'key_algorithm': 'rsa' if isinstance(key, rsa.RSAPublicKey) else 'ec',
        'key_size': getattr(key, 'key_size', None),
        'status': body['status'],
        'subject_alternative_names': _alternatives(loaded),
        'valid_from': _ms(loaded.not_valid_before_utc),
        'valid_to': _ms(loaded.not_valid_after_utc),
        **{
            name: next(
                (
                    str(attribute.value)
                    for attribute in loaded.subject.get_attributes_for_oid(oid)
                ),
                None,
            )
            for name, oid in _SUBJECT
        },
    }


def _ms(when: datetime.datetime) -> int:
    return int(when.timestamp() * 1000)


def _common_name(name: x509.Name) -> str | None:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else None


def _alternatives(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in extension.value]


def _subject(body: Item) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(oid, str(body[name]))
            for name, oid in _SUBJECT
            if body.get(name)
        ]
    )


def _self_signed(body: Item) -> Item:
    """Return the stored form of a certificate made for a subject."""
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(body)
    now = datetime.datetime.now(datetime.UTC)
    days = datetime.timedelta(days=int(body.get('days') or _DAYS))
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + days)
        .sign(secret, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM).decode()
    return {'certificate': pem, 'status': 'self-signed'}


def _stored(body: Item, context: str) -> Item:
    """Return what a body imports, or a new self-signed certificate."""
    given = body.get('certificate')
    try:
        if not given:
            return _self_signed(body)
        x509.load_pem_x509_certificate(str(given).encode())
    except ValueError as error:
        raise errors.invalid_parameter(f'certificate: {error}', context) from (
            error
        )
    return {
        'certificate': str(given),
        'intermediate_certificate': body.get('intermediate_certificate'),
        'status': 'imported',
    }


def get(call: Call) -> Answer:
    return Listing(
        label=LABEL, collection=_collection(call.array), render=_render
    ).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_BODY)

    def create(name: str) -> model.Record:
        if not names.well_formed(name):
            raise errors.refused('Invalid certificate name.', name)
        free_name(LABEL, _collection(array), name)
        return _put(array, name, _stored(body, name))

    made = errors.for_each(call.query.required('names'), create)
    return Answer([_render(record) for record in made])


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_BODY)

    def change(name: str) -> model.Record:
        record = any_state(LABEL, _collection(array), name)
        present = {k: v for k, v in _render(record).items() if k in _BODY}
        present.pop('certificate')
        return _put(array, record.name, _stored({**present, **body}, name))

    changed = errors.for_each(call.query.required('names'), change)
    return Answer([_render(record) for record in changed])


def delete(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> None:
        record = any_state(LABEL, _collection(array), name)
        if record.name == _MANAGEMENT:
            raise errors.refused('Certificate is in use.', name)
        _collection(array).remove(record.id)

    errors.for_each(call.query.required('names'), remove)
    return Answer()


def post_request(call: Call) -> Answer:
    """Return a signing request for a certificate that is kept."""
    body = call.fields(
        *(name for name, _ in _SUBJECT),
        'certificate',
        'subject_alternative_names',
    )
    wanted: Any = body.get('certificate') or {}
    name = str(wanted.get('name') or '')
    record = any_state(LABEL, _collection(call.array), name)
    subject = {**_render(record), **{k: v for k, v in body.items() if v}}
    secret = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(_subject(subject))
        .sign(secret, hashes.SHA256())
    )
    pem = request.public_bytes(serialization.Encoding.PEM).decode()
    return Answer([{'certificate_signing_request': pem}])


ROUTES = (
    Route('GET', _FAMILY, get),
    Route('POST', _FAMILY, post),
    Route('PATCH', _FAMILY, patch, ('generate_new_key',)),
    Route('DELETE', _FAMILY, delete),
    Route('POST', f'{_FAMILY}/certificate-signing-requests', post_request),
)
