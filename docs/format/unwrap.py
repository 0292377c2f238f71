#!/usr/bin/env python3
"""Prints a repository's password. Use: unwrap.py holdfast.json keys/repos/<cluster>/<namespace>.json < target-key"""
import base64, hashlib, hmac, json, subprocess, sys

def hkdf(secret, salt, purpose):
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, purpose + b"\x01", hashlib.sha256).digest()

target = json.load(open(sys.argv[1]))["value"]
record = json.load(open(sys.argv[2]))
key, salt = base64.b64decode(sys.stdin.read()), target["id"].encode()
if hkdf(key, salt, b"holdfast/1/check").hex() != target["check"]:
    sys.exit("this is not the key of target " + target["id"])
wrapping = hkdf(key, salt, b"holdfast/1/wrap")
nonce, sealed = base64.b64decode(record["nonce"]), base64.b64decode(record["ciphertext"])
try:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    password = AESGCM(wrapping).decrypt(nonce, sealed, record["name"].encode())
except ImportError:  # openssl decrypts but does not check the tag: from a changed record comes a password that restic refuses
    ctr = ["openssl", "enc", "-d", "-aes-256-ctr", "-K", wrapping.hex(), "-iv", nonce.hex() + "00000002"]
    password = subprocess.run(ctr, input=sealed[:-16], stdout=subprocess.PIPE, check=True).stdout
print(password.decode())
