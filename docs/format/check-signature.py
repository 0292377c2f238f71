#!/usr/bin/env python3
"""Checks a manifest's signature with openssl. Use: check-signature.py holdfast.json manifest.json"""
import base64, json, os, subprocess, sys, tempfile

public_key = base64.b64decode(json.load(open(sys.argv[1]))["value"]["publicKey"])
text = open(sys.argv[2], "rb").read()
signature = json.loads(text)["signature"]
value = text[text.index(b'},"value":') + len(b'},"value":'):-len(b"}\n")]  # the signed bytes, as they lie in the file
with tempfile.TemporaryDirectory() as work:
    def file(name, content):
        with open(os.path.join(work, name), "wb") as out:
            out.write(content)
        return os.path.join(work, name)
    key = file("key.der", bytes.fromhex("302a300506032b6570032100") + public_key)
    checked = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin",
        "-in", file("value", value), "-sigfile", file("signature", base64.b64decode(signature["value"]))], stdout=subprocess.DEVNULL)
sys.exit(0 if checked.returncode == 0 else "the signature does not hold")
