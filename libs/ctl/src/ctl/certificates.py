"""Certificates from an authority made on the spot, for clusters without an issuer of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: Clocks differ; a certificate is valid a little before it is made.
_SLACK = timedelta(minutes=5)
_MAY_SIGN_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str


@dataclass(frozen=True)
class Authority:
    """Signs certificates."""

    _certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, *, now: datetime, lifetime: timedelta) -> Self:
        """Make an authority of its own."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Korrigo's own authority")
        builder = _builder(name, key, issuer=name, now=now, lifetime=lifetime)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_MAY_SIGN_CERTIFICATES, critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return cls(builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256()), key)

    @classmethod
    def read(cls, text: str) -> Self:
        """Take up an authority that was kept; ValueError if the text holds none."""
        key = serialization.load_pem_private_key(text.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("holds a key of another kind")
        return cls(x509.load_pem_x509_certificate(text.encode()), key)

    def kept(self) -> str:
        """Write certificate and key, to sign with later."""
        return self.certificate + _pem_key(self._key)

    @property
    def certificate(self) -> str:
        """What those believe who believe in it, as PEM."""
        return _pem(self._certificate)

    def issue(self, *names: str, now: datetime, lifetime: timedelta) -> Issued:
        """Sign a certificate for a workload that calls and answers by these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(names[0]), key, issuer=self._certificate.subject, now=now, lifetime=lifetime)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        )
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(alternatives, critical=False).add_extension(usages, critical=False)
        return Issued(_pem(builder.sign(self._key, hashes.SHA256())), _pem_key(key))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + lifetime)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _pem_key(key: ec.EllipticCurvePrivateKey) -> str:
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain).decode()
