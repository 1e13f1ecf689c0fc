"""Makes the certificates of this folder anew: `python3 make.py`, with the package `cryptography`.

Nothing needs it but a new kind of certificate. The authority's key is not kept, so all are made
together.
"""

from datetime import datetime, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = Path(__file__).parent


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(number, subject, key, issuer, until_year):
    return (
        x509.CertificateBuilder()
        .serial_number(number)
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=timezone.utc))
        .not_valid_after(datetime(until_year, 1, 1, tzinfo=timezone.utc))
    )


def write(file, data):
    (HERE / file).write_bytes(data)


def main():
    authority, trusted = "Quarterdeck test authority", ec.generate_private_key(ec.SECP256R1())
    own = (
        certificate(1, authority, trusted, authority, 2120)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(trusted, hashes.SHA256())
    )
    write("authority.pem", own.public_bytes(serialization.Encoding.PEM))
    for number, file, host, until_year in [
        (2, "localhost", "localhost", 2120),
        (3, "elsewhere", "elsewhere.example", 2120),
        (4, "expired", "localhost", 2021),
    ]:
        key = ec.generate_private_key(ec.SECP256R1())
        signed = (
            certificate(number, file, key, authority, until_year)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .sign(trusted, hashes.SHA256())
        )
        write(f"{file}.pem", signed.public_bytes(serialization.Encoding.PEM))
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write(f"{file}.key", private)


main()
