# SPDX-License-Identifier: Apache-2.0
"""The array's self-signed certificate."""

import datetime
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CERTIFICATE = 'certificate.pem'
KEY = 'certificate.key'
_VALID = datetime.timedelta(days=3650)


def ensure(directory: Path, name: str, address: str) -> tuple[Path, Path]:
    """Return the paths of certificate and key, made if they are not there.

    The certificate has subjectAltNames for the address and the name, and
    is its own authority: handed to a client as CA file it verifies. One
    made for another address is replaced.
    """
    certificate = directory / CERTIFICATE
    key = directory / KEY
    if not (certificate.exists() and key.exists()) or not _covers(
        certificate, address
    ):
        _make(certificate, key, name, address)
    return certificate, key


def _covers(certificate: Path, address: str) -> bool:
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = loaded.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    return _alternative_name(address) in list(names)


def _alternative_name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _make(certificate: Path, key: Path, name: str, address: str) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    _alternative_name(address),
                    x509.DNSName(name),
                    x509.DNSName('localhost'),
                ]
            ),
            critical=False,
        )
        .add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(secret.public_key()),
            critical=False,
        )
        .sign(secret, hashes.SHA256())
    )
    write_secret(
        key,
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def write_secret(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, 'wb') as stream:
        stream.write(data)
