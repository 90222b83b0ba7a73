"""Prints a topic of Segue as JSON lines, from its beginning to its present end. docs/consumers.md explains it.

usage: consume.py TOPIC    settings: KAFKA_BOOTSTRAP_SERVERS, SCHEMA_REGISTRY_URL
"""

import json
import os
import sys
import uuid
from datetime import datetime

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def as_json(value):
    """Times as milliseconds since 1970, as in the topics."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    raise TypeError(f"{type(value)} has no JSON form here")


def main(topic):
    registry = SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"]})
    decode = AvroDeserializer(registry)
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            "group.id": f"consume-{uuid.uuid4()}",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    found = consumer.list_topics(topic, timeout=30).topics[topic]
    if found.error is not None:
        raise KafkaException(found.error)
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in found.partitions])
    context = SerializationContext(topic, MessageField.VALUE)
    unread = set(found.partitions)
    while unread:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error() is None:
            key = None if message.key() is None else message.key().decode()
            # None is a tombstone: the key is gone.
            print(json.dumps({"key": key, "value": decode(message.value(), context)}, default=as_json))
        elif message.error().code() == KafkaError._PARTITION_EOF:
            unread.discard(message.partition())
        else:
            raise KafkaException(message.error())
    consumer.close()


main(sys.argv[1])
