"""Makes an organization in an empty mock AWS: `organization.py URL ACCOUNTS`.

Root / Workloads / Production and Root / Sandbox; accounts are in turn in Production with the tag env=prod and in
Sandbox with env=dev, each with one bucket. Prints the ids as JSON.
"""

import json
import sys

import boto3


def main():
    url, count = sys.argv[1], int(sys.argv[2])

    def client(service, **keys):
        keys = keys or {'aws_access_key_id': 'test', 'aws_secret_access_key': 'test'}
        return boto3.client(service, endpoint_url=url, region_name='us-east-1', **keys)

    organizations, sts = client('organizations'), client('sts')
    organization = organizations.create_organization(FeatureSet='ALL')['Organization']
    root = organizations.list_roots()['Roots'][0]['Id']

    def unit(parent, name):
        return organizations.create_organizational_unit(ParentId=parent, Name=name)['OrganizationalUnit']['Id']

    workloads, sandbox = unit(root, 'Workloads'), unit(root, 'Sandbox')
    production = unit(workloads, 'Production')
    accounts = []
    for index in range(count):
        is_prod = index % 2 == 0
        created = organizations.create_account(
            AccountName=f'account-{index}',
            Email=f'account-{index}@example.org',
            Tags=[{'Key': 'env', 'Value': 'prod' if is_prod else 'dev'}],
        )
        account = created['CreateAccountStatus']['AccountId']
        organizations.move_account(
            AccountId=account, SourceParentId=root, DestinationParentId=production if is_prod else sandbox
        )
        role = sts.assume_role(RoleArn=f'arn:aws:iam::{account}:role/seed', RoleSessionName='seed')['Credentials']
        s3 = client(
            's3',
            aws_access_key_id=role['AccessKeyId'],
            aws_secret_access_key=role['SecretAccessKey'],
            aws_session_token=role['SessionToken'],
        )
        s3.create_bucket(Bucket=f'bucket-of-{account}')
        accounts.append(account)
    print(
        json.dumps(
            {
                'organization': organization['Id'],
                'workloads': workloads,
                'production': production,
                'sandbox': sandbox,
                'accounts': accounts,
            }
        )
    )


if __name__ == '__main__':
    main()
