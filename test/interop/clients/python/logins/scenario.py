"""Logs in by the mechanism that the environment names, and sends a record."""

import asyncio
import os
import ssl
import sys

BOOTSTRAP = os.environ["BOOTSTRAP"]
MECHANISM = os.environ["MECHANISM"]
IS_SASL = MECHANISM != "SSL"


def confluent_kafka():
    from confluent_kafka import Producer

    config = {
        "bootstrap.servers": BOOTSTRAP,
        "security.protocol": "SASL_SSL" if IS_SASL else "SSL",
        "ssl.ca.location": os.environ["CA"],
        "message.timeout.ms": 20000,
    }
    if IS_SASL:
        config["sasl.mechanism"] = MECHANISM
    else:
        config["ssl.certificate.location"] = os.environ["CERTIFICATE"]
        config["ssl.key.location"] = os.environ["CERTIFICATE"]
    if MECHANISM == "OAUTHBEARER":
        expiry = float(os.environ["LOGIN_TOKEN_EXPIRY"])
        config["oauth_cb"] = lambda _: (os.environ["LOGIN_TOKEN"], expiry)
    elif IS_SASL:
        config["sasl.username"] = os.environ["LOGIN_USER"]
        config["sasl.password"] = os.environ["LOGIN_PASSWORD"]
    failures = []
    producer = Producer(config)
    producer.produce("logins", b"confluent", on_delivery=lambda e, _: e and failures.append(e))
    if producer.flush(20) > 0 or failures:
        raise RuntimeError(f"not delivered: {failures}")


async def aiokafka():
    from aiokafka import AIOKafkaProducer
    from aiokafka.abc import AbstractTokenProvider

    class Issued(AbstractTokenProvider):
        async def token(self):
            return os.environ["LOGIN_TOKEN"]

    context = ssl.create_default_context(cafile=os.environ["CA"])
    options = {}
    if MECHANISM == "OAUTHBEARER":
        options = {"sasl_mechanism": MECHANISM, "sasl_oauth_token_provider": Issued()}
    elif IS_SASL:
        options = {
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": os.environ["LOGIN_USER"],
            "sasl_plain_password": os.environ["LOGIN_PASSWORD"],
        }
    else:
        context.load_cert_chain(os.environ["CERTIFICATE"])
    producer = AIOKafkaProducer(
        bootstrap_servers=BOOTSTRAP,
        security_protocol="SASL_SSL" if IS_SASL else "SSL",
        ssl_context=context,
        **options,
    )
    await producer.start()
    try:
        await producer.send_and_wait("logins", b"aiokafka")
    finally:
        await producer.stop()


if sys.argv[1] == "aiokafka":
    asyncio.run(aiokafka())
else:
    confluent_kafka()
print("logged in")
