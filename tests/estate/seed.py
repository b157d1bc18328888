"""Builds the estate that the end-to-end tests and the demo scan, on a mock AWS.

Usage: seed.py URL. For each kind of resource there is one that is well kept and one that is not.
Everything is named for people to recognise; nothing depends on the time of day.
"""

import io
import json
import sys
import zipfile

import boto3

REGION = "eu-central-1"
OTHER_REGION = "us-east-1"


def client(url, service, region=REGION):
    return boto3.client(
        service, region_name=region, endpoint_url=url,
        aws_access_key_id="test", aws_secret_access_key="test",
    )


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def buckets(url):
    s3 = client(url, "s3")
    place = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    for name in ("acme-invoices", "acme-website", "acme-trail"):
        s3.create_bucket(Bucket=name, **place)
    good = "acme-invoices"
    s3.put_public_access_block(Bucket=good, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    s3.put_bucket_versioning(Bucket=good, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(Bucket=good, ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]})
    s3.put_bucket_policy(Bucket=good, Policy=policy({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{good}", f"arn:aws:s3:::{good}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}))
    s3.put_bucket_policy(Bucket="acme-website", Policy=policy(
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-website/*"}))
    s3.put_bucket_policy(Bucket="acme-trail", Policy=policy(
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:GetBucketAcl"],
         "Resource": "arn:aws:s3:::acme-trail"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:PutObject"],
         "Resource": "arn:aws:s3:::acme-trail/*"}))
    s3.put_bucket_acl(Bucket="acme-trail", ACL="log-delivery-write")
    s3.put_bucket_logging(Bucket=good, BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": "acme-trail", "TargetPrefix": "invoices/"}})


def identities(url):
    iam = client(url, "iam")
    iam.create_user(UserName="ada")
    iam.create_access_key(UserName="ada")
    iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_login_profile(UserName="ada", Password="Correct-Horse-7", PasswordResetRequired=True)
    iam.create_user(UserName="grace", Tags=[{"Key": "team", "Value": "billing"}])
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.add_user_to_group(UserName="grace", GroupName="readers")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="grace")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName="grace", SerialNumber=device,
                          AuthenticationCode1="123456", AuthenticationCode2="654321")
    iam.put_user_policy(UserName="ada", PolicyName="everything", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}))
    wide = iam.create_policy(PolicyName="wide-open", PolicyDocument=policy(
        {"Effect": "Allow", "NotAction": ["iam:CreateUser"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["iam:PassRole", "lambda:*"], "Resource": "*"}))["Policy"]["Arn"]
    narrow = iam.create_policy(PolicyName="read-invoices", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-invoices/*"}))["Policy"]["Arn"]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=policy(
        {**trust, "Principal": {"Service": "ec2.amazonaws.com"}}))
    iam.attach_role_policy(RoleName="worker", PolicyArn=narrow)
    iam.create_role(RoleName="partner", AssumeRolePolicyDocument=policy(
        {**trust, "Principal": {"AWS": "arn:aws:iam::999988887777:root"}}))
    iam.attach_role_policy(RoleName="partner", PolicyArn=wide)
    iam.create_instance_profile(InstanceProfileName="worker")
    iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
    iam.update_account_password_policy(MinimumPasswordLength=8, RequireSymbols=True)


def network(url):
    ec2 = client(url, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]

    def group(name, *permissions):
        made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=list(permissions))
        return made

    everyone = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ssh = group("bastion-open", {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **everyone})
    group("database-ipv6", {"IpProtocol": "tcp", "FromPort": 3300, "ToPort": 3310,
                            "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
    web = group("web", {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **everyone})
    group("inside", {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]})
    image = ec2.register_image(Name="acme-base", RootDeviceName="/dev/xvda")["ImageId"]
    ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[web],
        InstanceType="t3.micro", IamInstanceProfile={"Name": "worker"},
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "shop"}]}])
    ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[ssh], InstanceType="t3.micro",
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "bastion"}]}])
    plain = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8, Encrypted=True)
    snapshot = ec2.create_snapshot(VolumeId=plain, Description="nightly")["SnapshotId"]
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission",
                                  OperationType="add", GroupNames=["all"])
    ec2.allocate_address(Domain="vpc")
    logs = client(url, "logs")
    logs.create_log_group(logGroupName="flow")
    ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogGroupName="flow",
                         DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/worker")


def keys_and_trails(url):
    kms = client(url, "kms")
    kept = kms.create_key(Description="invoices")["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=kept)
    kms.create_alias(AliasName="alias/invoices", TargetKeyId=kept)
    kms.create_key(Description="no rotation", Policy=policy(
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}))
    logs = client(url, "logs")
    logs.create_log_group(logGroupName="trail")
    logs.put_retention_policy(logGroupName="trail", retentionInDays=365)
    group = logs.describe_log_groups(logGroupNamePrefix="trail")["logGroups"][0]["arn"]
    trail = client(url, "cloudtrail")
    trail.create_trail(Name="everything", S3BucketName="acme-trail", IsMultiRegionTrail=True,
                       IncludeGlobalServiceEvents=True, EnableLogFileValidation=True,
                       CloudWatchLogsLogGroupArn=group,
                       CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/worker")
    trail.start_logging(Name="everything")
    trail.put_event_selectors(TrailName="everything", EventSelectors=[
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}])
    sns = client(url, "sns")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:alerts")
    logs.put_metric_filter(
        logGroupName="trail", filterName="root", filterPattern=(
            '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
            '&& $.eventType != "AwsServiceEvent" }'),
        metricTransformations=[{"metricName": "RootUsage", "metricNamespace": "Trail", "metricValue": "1"}])
    client(url, "cloudwatch").put_metric_alarm(
        AlarmName="root", MetricName="RootUsage", Namespace="Trail", Statistic="Sum", Period=300,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[topic])
    config = client(url, "config")
    config.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": "arn:aws:iam::123456789012:role/worker",
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "acme-trail"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def data(url):
    rds = client(url, "rds")
    common = {"DBInstanceClass": "db.t3.micro", "MasterUsername": "admin_user",
              "MasterUserPassword": "not-a-real-1", "AllocatedStorage": 20}
    rds.create_db_instance(DBInstanceIdentifier="orders", Engine="postgres", StorageEncrypted=True, MultiAZ=True,
                           AutoMinorVersionUpgrade=True, PubliclyAccessible=False, **common)
    rds.create_db_instance(DBInstanceIdentifier="legacy", Engine="mysql", StorageEncrypted=False,
                           AutoMinorVersionUpgrade=False, PubliclyAccessible=True, **common)
    efs = client(url, "efs")
    efs.create_file_system(CreationToken="kept", Encrypted=True)
    efs.create_file_system(CreationToken="plain", Encrypted=False)
    sqs = client(url, "sqs")
    sqs.create_queue(QueueName="jobs")
    sqs.create_queue(QueueName="open-jobs", Attributes={"Policy": policy(
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
         "Resource": f"arn:aws:sqs:{REGION}:123456789012:open-jobs"})})
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context):\n    return None\n")
    functions = client(url, "lambda")
    for name in ("billing", "webhook"):
        functions.create_function(FunctionName=name, Runtime="python3.12", Handler="handler.handle",
                                  Role="arn:aws:iam::123456789012:role/worker", Code={"ZipFile": code.getvalue()})
    functions.update_function_configuration(FunctionName="webhook", Environment={
        "Variables": {"DATABASE_PASSWORD": "correct-horse-9", "STAGE": "production"}})
    functions.add_permission(FunctionName="webhook", StatementId="anyone", Action="lambda:InvokeFunction",
                             Principal="*")
    client(url, "secretsmanager").create_secret(Name="api-token", SecretString="not-a-real-secret")


def elsewhere(url):
    client(url, "ec2", OTHER_REGION).create_volume(AvailabilityZone=f"{OTHER_REGION}a", Size=8)


if __name__ == "__main__":
    address = sys.argv[1]
    for build in (buckets, identities, network, keys_and_trails, data, elsewhere):
        build(address)
