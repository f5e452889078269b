"""The same broker behind TLS and SASL, as production has it: certificates of an own authority, SCRAM and PLAIN."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kafka.broker import PROPERTIES, Broker

USER, PASSWORD = "tricolor", "the right one"
_PEM = serialization.Encoding.PEM
_LISTENER = """\
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_SSL
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
ssl.keystore.type=PEM
ssl.keystore.location={directory}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={directory}/authority.pem
listener.name.plaintext.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="broker" password="broker" user_broker="broker" user_tricolor="the right one";
"""


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test's own; `file` is what clients trust."""

    file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, directory: Path, name: str) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, key.public_key(), name, key, authority=True)
        file = directory / f"{name}.pem"
        file.write_bytes(certificate.public_bytes(_PEM))
        return cls(file, certificate, key)

    def issue(self, file: Path) -> None:
        """Write a key with its certificate for 127.0.0.1, signed by this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate("broker", key.public_key(), self._name, self.key, authority=False)
        private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(private + certificate.public_bytes(_PEM) + self.certificate.public_bytes(_PEM))

    @property
    def _name(self) -> str:
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


class SecuredBroker(Broker):
    """A broker that takes clients by TLS and SASL only."""

    properties: ClassVar[str] = PROPERTIES + _LISTENER

    def __init__(self, directory: Path, log: Path) -> None:
        super().__init__(directory, log)
        self.authority = Authority.new(directory, "authority")
        self.authority.issue(directory / "broker.pem")

    def format_arguments(self) -> list[str]:
        return ["--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"]

    def connection(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority.file))


def _certificate(
    name: str,
    public: ec.EllipticCurvePublicKey,
    issuer: str,
    signed_with: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    begun = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_with.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    )
    if authority:
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        begun = begun.add_extension(usage, critical=True)
    return begun.sign(signed_with, hashes.SHA256())
