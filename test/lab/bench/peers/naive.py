"""The naive handler as people write it in Python: one message after the other, one put_item and one log line each."""

import json
import mimetypes
import os
from urllib.parse import unquote_plus

import boto3

table = boto3.resource("dynamodb").Table(os.environ["LEDGER_TABLE_NAME"])

SHARDS = 8


def handler(event, context):
    for message in event["Records"]:
        for record in json.loads(message["body"])["Records"]:
            item = to_upload_item(record)
            table.put_item(Item=item)
            print("Saved upload", json.dumps(item))


def to_upload_item(event):
    bucket, s3_object = event["s3"]["bucket"]["name"], event["s3"]["object"]
    key = unquote_plus(s3_object["key"])
    filename = key.split("/")[-1]
    content_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    uploader = event["userIdentity"]["principalId"].split(":")[-1]
    shard = shard_of(key)
    return {
        "s3_object": f"{bucket}/{key}",
        "upload_id": s3_object["sequencer"].ljust(32, "0"),
        "filename": filename,
        "s3_bucket": bucket,
        "s3_key": key,
        "filesize": s3_object["size"],
        "timestamp": event["eventTime"],
        "status": "uploaded",
        "content_type": content_type,
        "content_type_source": "extension",
        "category": category_of(content_type),
        "source_ip": event["requestParameters"]["sourceIPAddress"],
        "event_name": event["eventName"],
        "etag": s3_object["eTag"],
        "request_id": event["responseElements"]["x-amz-request-id"],
        "region": event["awsRegion"],
        "source": "notification",
        "day_shard": f"{event['eventTime'][:10]}#{shard}",
        "uploader": uploader,
        "uploader_source": "session-name",
        "uploader_shard": f"{uploader}#{shard}",
    }


def category_of(content_type):
    top = content_type.split("/")[0]
    if top in ("image", "video", "audio"):
        return top
    if content_type == "application/zip":
        return "archive"
    if content_type in ("text/csv", "application/json"):
        return "data"
    return "document"


def shard_of(key):
    value = 0x811C9DC5
    for character in key:
        value = ((value ^ ord(character)) * 0x01000193) & 0xFFFFFFFF
    return str((value ^ (value >> 16)) % SHARDS).zfill(2)
