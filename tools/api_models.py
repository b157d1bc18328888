#!/usr/bin/env python3
"""Cuts botocore's models of the AWS services down to what the catalog calls.

    target/venv/bin/python tools/api_models.py [--check] [--catalog DIR] [--output DIR]

Reads every `DIR/aws/*/resources.yaml` (docs/catalog.md) and writes, all of it sorted:

    aws/<service>/api.json   operations and shapes of one botocore service, a line each
    aws/<service>/delivery.json
                             the same of what the sinks write; no scan reads these files
    aws/endpoints.json       hosts of those services in every partition, with FIPS and dual-stack
    aws/security-audit.json  action patterns of the AWS managed policy SecurityAudit

With `--check` nothing is written; the exit status is 1 if something differs, and its name is told.
"""

import argparse
import collections
import json
import sys
from pathlib import Path

import botocore.session
import yaml
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError

ROOT = Path(__file__).resolve().parent.parent

# what the client itself calls, whatever the catalog says
ALWAYS = {
    'ec2': {'DescribeRegions'},
    'iam': {'SimulatePrincipalPolicy'},
    'organizations': {
        'DescribeOrganization',
        'ListAccountsForParent',
        'ListOrganizationalUnitsForParent',
        'ListRoots',
        'ListTagsForResource',
    },
    'sts': {'AssumeRole', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity', 'GetSessionToken'},
}

# what the sinks write, by service and operation; a file of its own, so that a client that scans cannot write
DELIVERS = {'s3': {'PutObject'}, 'securityhub': {'BatchImportFindings'}}

# members of inputs that the sinks use, where a shape has many more
DELIVERED = {
    's3': {
        'PutObjectRequest': {
            'Body', 'Bucket', 'ChecksumSHA256', 'ContentEncoding', 'ContentType', 'Key', 'SSEKMSKeyId',
            'ServerSideEncryption',
        },
        'PutObjectOutput': {'ETag'},
    },
    'securityhub': {
        'AwsSecurityFinding': {
            'AwsAccountId', 'Compliance', 'CreatedAt', 'Description', 'FindingProviderFields', 'GeneratorId', 'Id',
            'ProductArn', 'ProductFields', 'RecordState', 'Remediation', 'Resources', 'SchemaVersion', 'Severity',
            'Title', 'Types', 'UpdatedAt', 'Workflow',
        },
        'Compliance': {'RelatedRequirements', 'Status'},
        'FindingProviderFields': {'Severity', 'Types'},
        'Resource': {'Id', 'Partition', 'Region', 'Type'},
        'Severity': {'Label', 'Original'},
    },
}

# protocols that the client speaks, the liked ones first
PROTOCOLS = ['json', 'rest-json', 'rest-xml', 'query', 'ec2']

PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc']
# where the services that are global are signed for, and where an account is asked who it is
GLOBAL_REGIONS = {
    'aws': 'us-east-1',
    'aws-cn': 'cn-north-1',
    'aws-us-gov': 'us-gov-west-1',
    'aws-eusc': 'eusc-de-east-1',
}
VARIANTS = {'plain': (False, False), 'fips': (True, False), 'dual': (False, True), 'fips-dual': (True, True)}
# stands for any account id while hosts are asked for; the client puts the real one in front
ACCOUNT = '111111111111'

# what leads to the next page where nothing says so: the input's name for it, and the answer's
TOKENS = [
    ('NextToken', 'NextToken'), ('nextToken', 'nextToken'), ('NextToken', 'nextToken'), ('nextToken', 'NextToken'),
    ('NextMarker', 'NextMarker'), ('Marker', 'NextMarker'), ('Marker', 'Marker'), ('PageToken', 'NextPageToken'),
]

# what the models mark as sensitive but is no secret
HARMLESS = 'aws/not-sensitive.yaml'

# the body of this one answer is the value itself, without an element around it (S3UnwrappedXmlOutput in Smithy)
UNWRAPPED = {('s3', 'GetBucketLocation')}


def called_operations(catalog, problems):
    """Operation names by botocore service, of all calls in the catalog."""
    called = {service: set(operations) for service, operations in ALWAYS.items()}

    def walk(node, service, path):
        if isinstance(node, list):
            for item in node:
                walk(item, service, path)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key == 'call' and isinstance(value, str):
                    where, _, operation = value.rpartition(':')
                    called.setdefault(where or service, set()).add(operation)
                    origin.setdefault((where or service, operation), path)
                elif key != 'with':
                    walk(value, service, path)

    origin = {}
    for path in sorted(catalog.glob('aws/*/resources.yaml')):
        try:
            document = yaml.safe_load(path.read_text())
        except yaml.YAMLError as error:
            problems.append(f'{path}: {error}')
            continue
        if not isinstance(document, dict):
            continue
        walk(document.get('resources'), document.get('service', path.parent.name), path)
    return called, origin


def compact(value):
    return json.dumps(value, separators=(',', ':'), ensure_ascii=False)


# --- shapes -----------------------------------------------------------------------------------

def member(reference):
    """A member: its shape and where it goes on the wire."""
    out = {'t': reference['shape']}
    for source, target in (('locationName', 'n'), ('location', 'loc'), ('queryName', 'qn'), ('timestampFormat', 'ts')):
        if source in reference:
            out[target] = reference[source]
    for source, target in (('flattened', 'flat'), ('xmlAttribute', 'attr'), ('hostLabel', 'hl')):
        if reference.get(source):
            out[target] = True
    if 'xmlNamespace' in reference:
        namespace = reference['xmlNamespace']
        out['ns'] = namespace['uri'] if isinstance(namespace, dict) else namespace
        if isinstance(namespace, dict) and namespace.get('prefix'):
            out['nsp'] = namespace['prefix']
    return out


def shape(model, keep):
    """A shape; `keep`: what the model marks as sensitive here is no secret."""
    kind = 'document' if model.get('document') else 'union' if model.get('union') else model['type']
    out = {'k': kind}
    for flag, target in (('flattened', 'flat'), ('sensitive', 'sens')):
        if model.get(flag) and not (keep and target == 'sens'):
            out[target] = True
    if 'timestampFormat' in model:
        out['ts'] = model['timestampFormat']
    if 'locationName' in model:
        out['n'] = model['locationName']
    if 'xmlNamespace' in model:
        namespace = model['xmlNamespace']
        out['ns'] = namespace['uri'] if isinstance(namespace, dict) else namespace
    if kind in ('structure', 'union'):
        out['m'] = {name: member(reference) for name, reference in model['members'].items()}
        if model.get('required'):
            out['req'] = model['required']
        if 'payload' in model:
            out['payload'] = model['payload']
        if model.get('eventstream'):
            out['ev'] = True
    elif kind == 'list':
        out['e'] = member(model['member'])
    elif kind == 'map':
        out['key'] = member(model['key'])
        out['v'] = member(model['value'])
    return out


def targets(cut):
    """Names of the shapes that a cut shape refers to."""
    references = list(cut.get('m', {}).values()) + [cut[key] for key in ('e', 'key', 'v') if key in cut]
    return [reference['t'] for reference in references]


# --- operations -------------------------------------------------------------------------------

def paginator(model, known, name):
    """How to read the following pages; None where there are none."""
    if name in known:
        page = known[name]
        return {key: page[key] for key in ('input_token', 'output_token', 'result_key', 'more_results') if key in page}
    # botocore does not list every operation that has pages: the usual pairs of tokens are taken as such
    operation = model['operations'][name]
    if 'input' not in operation or 'output' not in operation:
        return None
    given = model['shapes'][operation['input']['shape']]['members']
    answered = model['shapes'][operation['output']['shape']]['members']
    pair = next((pair for pair in TOKENS if pair[0] in given and pair[1] in answered), None)
    if pair is None:
        return None
    token = {'input_token': pair[0], 'output_token': pair[1]}
    if 'IsTruncated' in answered:
        token['more_results'] = 'IsTruncated'
    lists = sorted(n for n, r in answered.items() if model['shapes'][r['shape']]['type'] in ('list', 'map'))
    return {**token, 'result_key': lists} if lists else None


def cut_operation(service, model, known, name):
    operation = model['operations'][name]
    out = {'method': operation['http']['method'], 'uri': operation['http']['requestUri']}
    if 'input' in operation:
        out['in'] = operation['input']['shape']
        if 'locationName' in operation['input']:
            out['inn'] = operation['input']['locationName']
        if 'xmlNamespace' in operation['input']:
            out['inns'] = operation['input']['xmlNamespace']['uri']
    if 'output' in operation:
        out['out'] = operation['output']['shape']
    if (service, name) in UNWRAPPED:
        out['unwrapped'] = True
    if operation.get('endpoint', {}).get('hostPrefix'):
        out['host'] = operation['endpoint']['hostPrefix']
    page = paginator(model, known, name)
    if page:
        out['page'] = page
    return out


def narrowed(cut, members):
    """A cut structure with those members only; all of them where nothing is said."""
    if members is not None:
        cut['m'] = {name: reference for name, reference in cut['m'].items() if name in members}
    return cut


def cut_service(loader, service, names, origin, harmless, problems, members=None):
    """The text of a service's api.json; `harmless`: shapes marked as sensitive that hold no secret; `members`: those
    that are kept of some shapes."""
    model = loader.load_service_model(service, 'service-2')
    try:
        known = loader.load_service_model(service, 'paginators-1')['pagination']
    except BotoCoreError:
        known = {}
    metadata = model['metadata']
    protocols = metadata.get('protocols', [metadata['protocol']])
    protocol = next((p for p in PROTOCOLS if p in protocols), None)
    if protocol is None:
        problems.append(f'service `{service}` speaks none of the protocols that the client knows: {", ".join(protocols)}')
        return None
    meta = {
        'id': metadata['serviceId'],
        'proto': protocol,
        'version': metadata['apiVersion'],
        'prefix': metadata['endpointPrefix'],
        'sign': metadata.get('signingName', metadata['endpointPrefix']),
    }
    for source, target in (('jsonVersion', 'jv'), ('targetPrefix', 'target'), ('xmlNamespace', 'ns')):
        if source in metadata:
            meta[target] = metadata[source]
    if 'awsQueryCompatible' in metadata:
        meta['qc'] = True

    operations, shapes, wanted = {}, {}, []
    for name in sorted(names):
        if name not in model['operations']:
            where = origin.get((service, name), 'tools/api_models.py')
            problems.append(f'{where}: service `{service}` has no operation `{name}`')
            continue
        operations[name] = cut_operation(service, model, known, name)
        wanted += [operations[name][side] for side in ('in', 'out') if side in operations[name]]
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = narrowed(shape(model['shapes'][name], name in harmless), (members or {}).get(name))
            wanted += targets(shapes[name])
    if not operations:
        return None
    lines = lambda items: ',\n'.join(f'{compact(name)}:{compact(items[name])}' for name in sorted(items))
    return f'{{"meta":{compact(meta)},\n"ops":{{\n{lines(operations)}\n}},\n"shapes":{{\n{lines(shapes)}\n}}}}\n'


# --- endpoints --------------------------------------------------------------------------------

def partitions(loader):
    for partition in loader.load_data('partitions')['partitions']:
        if partition['id'] not in PARTITIONS:
            continue
        regions = sorted(r for r in partition['regions'] if not r.endswith('-global'))
        yield {
            'id': partition['id'],
            'dns': partition['outputs']['dnsSuffix'],
            'dual': partition['outputs']['dualStackDnsSuffix'],
            'global': GLOBAL_REGIONS[partition['id']],
            # how a region that is newer than this table is told: the longest prefix wins
            'prefixes': sorted({region.rsplit('-', 2)[0] + '-' for region in regions}),
            'regions': regions,
        }


def ask_hosts(provider, parameters, partition, fips, dual):
    """Host and signing region by region, None where the service says that there is none."""
    hosts = {}
    for region in partition['regions']:
        asked = {'Region': region, 'UseFIPS': fips, 'UseDualStack': dual, 'UseGlobalEndpoint': False,
                 'RequiresAccountId': True, 'AccountId': ACCOUNT}
        try:
            endpoint = provider.resolve_endpoint(**{k: v for k, v in asked.items() if k in parameters})
        except BotoCoreError:
            hosts[region] = None
            continue
        schemes = endpoint.properties.get('authSchemes') or [{}]
        scheme = next((s for s in schemes if s.get('name') == 'sigv4'), schemes[0])
        host = endpoint.url.removeprefix('https://').replace(ACCOUNT + '.', '')
        hosts[region] = (host, scheme.get('signingRegion') or region)
    return hosts


def default_pattern(prefix, fips, dual):
    return f'{prefix}{"-fips" if fips else ""}.{{region}}.{{{"dual" if dual else "dns"}}}'


def exceptions(hosts, partition, default):
    """What of a service's hosts in a partition is not as the default pattern says."""
    there = {region: host for region, host in hosts.items() if host}
    if not there:
        return {'none': True}
    if len(set(there.values())) == 1 and partition['global'] in there:
        # one host for the whole partition; in a partition of one region only if the host does not name it
        (host, signing), = set(there.values())
        if len(hosts) > 1 or partition['global'] not in host:
            return {'global': [host, signing]}

    def pattern_of(region, host):
        # the longer suffix first: one partition's suffix may end with the other
        suffixes = sorted([(partition['dual'], '{dual}'), (partition['dns'], '{dns}')], key=lambda s: -len(s[0]))
        for suffix, name in suffixes:
            if host.endswith('.' + suffix):
                host = host.removesuffix(suffix) + name
                break
        return host.replace(region, '{region}')

    patterns = collections.Counter(pattern_of(region, host) for region, (host, _) in sorted(there.items()))
    most = max(patterns.values())
    pattern = default if patterns.get(default) == most else min(p for p, n in patterns.items() if n == most)
    out = {}
    if pattern != default:
        out['pattern'] = pattern
    for region, found in hosts.items():
        if found is None:
            out.setdefault('hosts', {})[region] = None
            continue
        host, signing = found
        usual = pattern.replace('{region}', region).replace('{dual}', partition['dual']).replace('{dns}', partition['dns'])
        if signing != region:
            out.setdefault('hosts', {})[region] = [host, signing]
        elif host != usual:
            out.setdefault('hosts', {})[region] = [host]
    return out


def endpoints(loader, services):
    """The text of endpoints.json: the rule, and per service what is an exception to it."""
    table, rows = list(partitions(loader)), {}
    data = loader.load_data('partitions')
    for service in sorted(services):
        model = loader.load_service_model(service, 'service-2')
        rules = loader.load_service_model(service, 'endpoint-rule-set-1')
        provider = EndpointProvider(rules, data)
        row = {}
        for variant, (fips, dual) in VARIANTS.items():
            default = default_pattern(model['metadata']['endpointPrefix'], fips, dual)
            for partition in table:
                hosts = ask_hosts(provider, rules['parameters'], partition, fips, dual)
                found = exceptions(hosts, partition, default)
                if found:
                    row.setdefault(variant, {})[partition['id']] = found
        if row:
            rows[service] = row
    first = ',\n'.join(compact(partition) for partition in table)
    second = ',\n'.join(f'{compact(service)}:{compact(row)}' for service, row in rows.items())
    return f'{{"partitions":[\n{first}\n],\n"services":{{\n{second}\n}}}}\n'


# --- the audit policy -------------------------------------------------------------------------

def security_audit():
    """Action patterns that the AWS managed policy SecurityAudit allows, from moto's copy of it."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    document = json.loads(aws_managed_policies_data)['SecurityAudit']['Document']
    actions = set()
    for statement in document['Statement']:
        if statement['Effect'] == 'Allow':
            action = statement.get('Action', [])
            actions |= {action} if isinstance(action, str) else set(action)
    return '[\n' + ',\n'.join(compact(action) for action in sorted(actions)) + '\n]\n'


# --- files ------------------------------------------------------------------------------------

def generate(catalog, problems):
    """Text by path from the catalog's root."""
    loader = botocore.session.get_session().get_component('data_loader')
    called, origin = called_operations(catalog, problems)
    have = set(loader.list_available_services('service-2'))
    files, services = {}, []
    harmless = yaml.safe_load((catalog / HARMLESS).read_text()) if (catalog / HARMLESS).exists() else {}
    for service in sorted(called):
        if service not in have:
            where = sorted({str(path) for (name, _), path in origin.items() if name == service})
            problems.append(f'{", ".join(where)}: there is no service `{service}`')
            continue
        text = cut_service(loader, service, called[service], origin, harmless.get(service, ()), problems)
        if text:
            files[f'aws/{service}/api.json'] = text
            services.append(service)
    for service, names in DELIVERS.items():
        text = cut_service(loader, service, names, {}, (), problems, DELIVERED[service])
        if text:
            files[f'aws/{service}/delivery.json'] = text
    files['aws/endpoints.json'] = endpoints(loader, services)
    files['aws/security-audit.json'] = security_audit()
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--check', action='store_true', help='write nothing, exit with 1 if something differs')
    parser.add_argument('--catalog', type=Path, default=ROOT / 'catalog', help='where resources.yaml files are read')
    parser.add_argument('--output', type=Path, help='where files are written (default: the catalog)')
    options = parser.parse_args()
    output = options.output or options.catalog

    problems = []
    files = generate(options.catalog, problems)
    stale = [p for p in sorted([*output.glob('aws/*/api.json'), *output.glob('aws/*/delivery.json')]) if p.relative_to(output).as_posix() not in files]
    differs = [f'{path.relative_to(output)} is not called any more' for path in stale]
    for name, text in files.items():
        path = output / name
        if path.exists() and path.read_text() == text:
            continue
        differs.append(f'{name} differs' if path.exists() else f'{name} is missing')
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if not options.check:
        for path in stale:
            path.unlink()
    for text in differs if options.check else []:
        print(text)
    for text in problems:
        print(f'problem: {text}', file=sys.stderr)
    if not options.check:
        print(f'{len(files) - 2} models, {len(differs)} files changed')
    return 1 if problems or (options.check and differs) else 0


if __name__ == '__main__':
    sys.exit(main())
