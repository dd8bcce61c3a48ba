"""What lies in a sealed batch, read by an implementation of its own: HPKE after RFC 9180 on Python's cryptography, the
zstd and tar of the system, the layouts as sync/wire/sealed.h and appliance/reading/protocol.h draw them. Nothing of ours
is trusted to say what left the house."""
import collections
import hashlib
import hmac
import io
import struct
import subprocess
import tarfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEM_SUITE, HPKE_SUITE = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"
QUESTION = struct.Struct("<4sH16s32s65s")
HEAD = struct.Struct("<4sHHQI")
READ, PROTOCOL_VERSION, CUT_SIDE = 4, 2, 128

Sealed = collections.namedtuple("Sealed", "batch key_digest enc ciphertext bound")
# tar: the archive's bytes; members: tarfile's; question: a READ question's bytes.
Pack = collections.namedtuple("Pack", "tar members about question")
# planes: each 128 x 128 bytes. digest: as the question names it.
Cut = collections.namedtuple("Cut", "digest radius_permille planes")
Question = collections.namedtuple("Question", "number reader cuts")


def split(body):
    """The parts of a sealed question that anybody can see."""
    magic, version, batch, key_digest, enc = QUESTION.unpack_from(body)
    assert (magic, version) == (b"DBRQ", 1), (magic, version)
    return Sealed(batch, key_digest, enc, body[QUESTION.size:], body[:54])


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def extract(suite, salt, label, material):
    return mac(salt, b"HPKE-v1", suite, label, material)


def expand(suite, secret, label, info, size):
    return mac(secret, size.to_bytes(2, "big"), b"HPKE-v1", suite, label, info, b"\x01")[:size]


def unseal(private_pem, body):
    """The pack in a sealed question."""
    sealed = split(body)
    private = serialization.load_pem_private_key(private_pem, None)
    public = private.public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert sealed.key_digest == hashlib.sha256(der).digest(), "sealed to another key"
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed.enc))
    secret = expand(KEM_SUITE, extract(KEM_SUITE, b"", b"eae_prk", shared), b"shared_secret", sealed.enc + point, 32)
    context = b"\x00" + extract(HPKE_SUITE, b"", b"psk_id_hash", b"") + \
        extract(HPKE_SUITE, b"", b"info_hash", b"daybreak batch 1")
    secret = extract(HPKE_SUITE, secret, b"secret", b"")
    key, nonce = (expand(HPKE_SUITE, secret, label, context, size) for label, size in ((b"key", 32), (b"base_nonce", 12)))
    return AESGCM(key).decrypt(nonce, sealed.ciphertext, sealed.bound)


def unpack(pack):
    done = subprocess.run(["zstd", "-dcq"], input=pack, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        members = tar.getmembers()
        contents = {m.name: tar.extractfile(m).read() for m in members}
    assert [m.name for m in members] == ["about.json", "question"], members
    return Pack(done.stdout, members, contents["about.json"], contents["question"])


def parse(question):
    """Every byte of a READ question has a name here, or this fails."""
    magic, version, kind, number, size = HEAD.unpack_from(question)
    assert (magic, version, kind) == (b"DBRP", PROTOCOL_VERSION, READ), (magic, version, kind)
    assert size == len(question) - HEAD.size
    reader, (count,) = question[20:52], struct.unpack_from("<H", question, 52)
    cuts, at = [], 54
    for _ in range(count):
        digest, planes, radius = struct.unpack_from("<32sBH", question, at)
        start, at = at + 32, at + 35 + planes * CUT_SIDE * CUT_SIDE
        assert 1 <= planes <= 3 and at <= len(question)
        assert digest == hashlib.sha256(question[start:at]).digest()
        pixels = question[start + 3:at]
        cuts.append(Cut(digest, radius, [pixels[i:i + CUT_SIDE * CUT_SIDE] for i in range(0, len(pixels), CUT_SIDE * CUT_SIDE)]))
    assert at == len(question), "something follows the last cut"
    return Question(number, reader, cuts)
