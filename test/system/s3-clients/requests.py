"""Sends requests with boto3 to the S3 at argv[1], bucket argv[2], and prints each answer: a status or an error code, as JSON by name."""

import io
import json
import re
import sys
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, BUCKET = sys.argv[1:]
CREDENTIALS = {"aws_access_key_id": "ann", "aws_secret_access_key": "local", "region_name": "us-east-1"}


def client(signature=None, secret="local"):
    config = Config(signature_version=signature, s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    return boto3.client("s3", endpoint_url=ENDPOINT, config=config, **{**CREDENTIALS, "aws_secret_access_key": secret})


S3 = client()
V4 = client("s3v4")
answers = {}


def ask(name, call, field=None):
    """Notes the answer to a call of boto3, or one field of it."""
    try:
        answer = call()
        answers[name] = answer[field] if field else answer["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        answers[name] = error.response["Error"]["Code"]
    except Exception as error:  # such as a checksum that boto finds wrong
        answers[name] = f"{type(error).__name__}: {error}"


def send(name, url, method="GET", body=None, headers=None):
    """Notes the answer to a request that is not signed by boto3: the sender has a URL or a form alone."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            answers[name] = answer.status
    except urllib.error.HTTPError as error:
        code = re.search(r"<Code>(\w+)</Code>", error.read().decode())
        answers[name] = code[1] if code else error.code


def presigned(s3, operation="put_object", expires=60, **parameters):
    return s3.generate_presigned_url(operation, Params={"Bucket": BUCKET, "Key": "a b/ü.txt", **parameters}, ExpiresIn=expires)


def post(name, s3=S3, size=5, change=None, **options):
    form = s3.generate_presigned_post(BUCKET, "forms/${filename}", **options)
    fields = {**form["fields"], **(change or {})}
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n{"x" * size}\r\n--{boundary}--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    send(name, form["url"], "POST", "".join([*parts, file]).encode(), headers)


target = {"Bucket": BUCKET, "Key": "k"}
ask("put", lambda: S3.put_object(**target, Body=b"content"))
for algorithm in ["CRC32", "SHA1", "SHA256"]:
    ask(f"put {algorithm}", lambda: S3.put_object(**target, Body=b"content", ChecksumAlgorithm=algorithm))
ask("put wrong CRC32", lambda: S3.put_object(**target, Body=b"content", ChecksumCRC32="AAAAAA=="))
ask("put wrong MD5", lambda: S3.put_object(**target, Body=b"content", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="))
ask("put over", lambda: S3.put_object(**target, Body=b"content", IfNoneMatch="*"))
ask("put held", lambda: S3.put_object(**target, Body=b"content", ObjectLockLegalHoldStatus="ON"))
ask("put tagged", lambda: S3.put_object(**target, Body=b"content", Tagging="a=1"))
ask("tags", lambda: S3.get_object_tagging(**target), "TagSet")
ask("get", lambda: S3.get_object(**target, ChecksumMode="ENABLED"), "ChecksumCRC32")
ask("location", lambda: S3.get_bucket_location(Bucket=BUCKET), "LocationConstraint")
ask("list", lambda: S3.list_objects_v2(Bucket=BUCKET), "KeyCount")

source = f"{BUCKET}/k"
ask("copy", lambda: S3.copy_object(Bucket=BUCKET, Key="copy", CopySource=source))
ask("copy another", lambda: S3.copy_object(Bucket=BUCKET, Key="copy", CopySource=source, CopySourceIfMatch='"other"'))
ask("copy to itself", lambda: S3.copy_object(**target, CopySource=source))

upload = {**target, "UploadId": S3.create_multipart_upload(**target)["UploadId"]}
ask("part", lambda: S3.upload_part(**upload, PartNumber=1, Body=b"part"))
ask("parts", lambda: {"sizes": [part["Size"] for part in S3.list_parts(**upload)["Parts"]]}, "sizes")
ask("complete wrong", lambda: S3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"other"'}]}))
ask("abort", lambda: S3.abort_multipart_upload(**upload))
ask("abort again", lambda: S3.abort_multipart_upload(**upload))
S3.upload_fileobj(io.BytesIO(b"x" * (9 * 1024 * 1024)), BUCKET, "large")
ask("large", lambda: S3.head_object(Bucket=BUCKET, Key="large", ChecksumMode="ENABLED"), "ContentLength")
keys = {"Objects": [{"Key": "copy"}, {"Key": "large"}]}
ask("delete", lambda: {"keys": [gone["Key"] for gone in S3.delete_objects(Bucket=BUCKET, Delete=keys)["Deleted"]]}, "keys")

for name, s3 in [("V2", S3), ("V4", V4)]:
    send(f"{name} put", presigned(s3), "PUT", b"x", {"Content-Type": "" if name == "V2" else "text/plain"})
    typed = presigned(s3, ContentType="text/plain", Metadata={"a": "1"})
    metadata = {"x-amz-meta-a": "1"} if name == "V4" else {}
    send(f"{name} type", typed, "PUT", b"x", {"Content-Type": "text/plain", **metadata})
    send(f"{name} other type", typed, "PUT", b"x", {"Content-Type": "text/html", **metadata})
    send(f"{name} other key", presigned(s3).replace("a%20b", "c"), "PUT", b"x", {"Content-Type": ""})
    send(f"{name} get", presigned(s3, "get_object", ResponseContentDisposition="attachment"))
    send(f"{name} expired", presigned(s3, "get_object", expires=-60))
    post(f"{name} post", s3)
    post(f"{name} post of a size", s3, Conditions=[["content-length-range", 1, 5]])
    post(f"{name} post too large", s3, size=6, Conditions=[["content-length-range", 1, 5]])
    post(f"{name} post elsewhere", s3, change={"key": "other"})
    post(f"{name} post with more", s3, change={"acl": "private"})
    post(f"{name} post of a stranger", client("s3v4" if name == "V4" else None, "stolen"))
send("V4 length", presigned(V4, ContentLength=5), "PUT", b"fives", {"Content-Type": "text/plain"})
send("V4 other length", presigned(V4, ContentLength=5), "PUT", b"four", {"Content-Type": "text/plain"})

print(json.dumps(answers))
