"""An authority that signs certificates for workloads of 127.0.0.1."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from kit.rpc import Certificates

DAY = timedelta(days=1)


def spiffe(workload: str) -> str:
    """Name a workload as certificates do."""
    return f"spiffe://cluster.local/ns/exams/sa/{workload}"


class Authority:
    """A root with its key; no two have one name, or believers of both could not tell them apart."""

    def __init__(self, name: str = "authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = _builder(self._name, self._name, self._key.public_key())
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self._certificate = made.sign(self._key, SHA256())

    @property
    def pem(self) -> bytes:
        """Give what its believers hold."""
        return self._certificate.public_bytes(Encoding.PEM)

    def issue(self, workload: str, folder: Path, *, believes: bytes = b"") -> Certificates:
        """Write a certificate as a mounted secret holds it, over an older one; read it."""
        folder.mkdir(exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName(
            [
                x509.IPAddress(IPv4Address("127.0.0.1")),
                x509.DNSName(workload),
                x509.UniformResourceIdentifier(spiffe(workload)),
            ]
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, workload)])
        made = _builder(subject, self._name, key.public_key()).add_extension(names, critical=False)
        signed = made.sign(self._key, SHA256())
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        files = {
            "tls.crt": signed.public_bytes(Encoding.PEM),
            "tls.key": key.private_bytes(*form),
            "ca.crt": believes or self.pem,
        }
        for name, content in files.items():
            part = folder / f"{name}.part"
            part.write_bytes(content)
            part.replace(folder / name)
        return Certificates(*(folder / name for name in files))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
