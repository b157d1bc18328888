# The agent on ECS with Fargate, without any port that is open.
#
#   terraform -chdir=deploy/ecs/terraform init
#   terraform -chdir=deploy/ecs/terraform apply -var image=... -var vpc_id=... -var 'subnet_ids=["...","..."]'

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40, < 7.0"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name
  # who the agent runs as; nobody in particular
  user = 65532
  logs = {
    logDriver = "awslogs"
    options = {
      "awslogs-group"         = aws_cloudwatch_log_group.agent.name
      "awslogs-region"        = local.region
      "awslogs-stream-prefix" = "stance"
    }
  }
}

resource "aws_cloudwatch_log_group" "agent" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
}

# the value stands in Terraform's state: keep that where secrets are kept
resource "aws_ssm_parameter" "configuration" {
  name   = "/${var.name}/local.yaml"
  type   = "SecureString"
  tier   = "Intelligent-Tiering"
  key_id = var.kms_key_arn
  value  = var.configuration
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

# what starts the task: pulls the image, reads the configuration and secrets, writes logs
resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name}-execution-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "execution" {
  statement {
    actions   = ["ssm:GetParameters"]
    resources = [aws_ssm_parameter.configuration.arn]
  }
  dynamic "statement" {
    for_each = length(var.secrets) == 0 ? [] : [values(var.secrets)]
    content {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "configuration"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

# what the agent scans as
resource "aws_iam_role" "task" {
  name_prefix        = "${var.name}-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.task.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy_attachment" "delivery" {
  count      = var.delivery_policy_arn == null ? 0 : 1
  role       = aws_iam_role.task.name
  policy_arn = var.delivery_policy_arn
}

# what SecurityAudit lacks: stance permissions aws --managed
resource "aws_iam_role_policy" "additional" {
  name   = "additional"
  role   = aws_iam_role.task.id
  policy = file("${path.module}/../additional-policy.json")
}

data "aws_iam_policy_document" "state" {
  statement {
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    resources = [aws_efs_file_system.state.arn]
    condition {
      test     = "StringEquals"
      variable = "elasticfilesystem:AccessPointArn"
      values   = [aws_efs_access_point.state.arn]
    }
  }
}

resource "aws_iam_role_policy" "state" {
  name   = "state"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.state.json
}

resource "aws_security_group" "agent" {
  name_prefix = "${var.name}-"
  description = "The agent of Stance, which nobody may reach"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "agent_to_apis" {
  security_group_id = aws_security_group.agent.id
  description       = "APIs and sinks"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "agent_to_state" {
  security_group_id            = aws_security_group.agent.id
  description                  = "what it keeps"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.state.id
}

resource "aws_security_group" "state" {
  name_prefix = "${var.name}-state-"
  description = "What the agent of Stance keeps"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "state_from_agent" {
  security_group_id            = aws_security_group.state.id
  description                  = "the agent"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.agent.id
}

# what was not delivered yet, when the last scan was, what sinks were told of
resource "aws_efs_file_system" "state" {
  encrypted = true
  tags      = { Name = var.name }
}

resource "aws_efs_access_point" "state" {
  file_system_id = aws_efs_file_system.state.id
  posix_user {
    uid = local.user
    gid = local.user
  }
  root_directory {
    path = "/stance"
    creation_info {
      owner_uid   = local.user
      owner_gid   = local.user
      permissions = "0700"
    }
  }
}

resource "aws_efs_mount_target" "state" {
  for_each        = toset(var.subnet_ids)
  file_system_id  = aws_efs_file_system.state.id
  subnet_id       = each.value
  security_groups = [aws_security_group.state.id]
}

resource "aws_ecs_cluster" "agent" {
  name = var.name
}

resource "aws_ecs_task_definition" "agent" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  volume {
    name = "config"
  }
  volume {
    name = "tmp"
  }
  volume {
    name = "state"
    efs_volume_configuration {
      file_system_id     = aws_efs_file_system.state.id
      transit_encryption = "ENABLED"
      authorization_config {
        access_point_id = aws_efs_access_point.state.id
        iam             = "ENABLED"
      }
    }
  }

  container_definitions = jsonencode([
    {
      name                   = "writer"
      image                  = var.writer_image
      essential              = false
      readonlyRootFilesystem = true
      # the agent is nobody in particular, and may write to its own /tmp only
      command = [
        "sh", "-c",
        "printf '%s' \"$LOCAL_YAML\" > /cxa/config/local.yaml && chown ${local.user}:${local.user} /cxa/config/local.yaml && chmod 0400 /cxa/config/local.yaml && chmod 1777 /tmp",
      ]
      secrets = [{ name = "LOCAL_YAML", valueFrom = aws_ssm_parameter.configuration.arn }]
      mountPoints = [
        { sourceVolume = "config", containerPath = "/cxa/config" },
        { sourceVolume = "tmp", containerPath = "/tmp" },
      ]
      logConfiguration = local.logs
    },
    {
      name                   = "agent"
      image                  = var.image
      essential              = true
      command                = ["agent", "--log", "json"]
      user                   = "${local.user}:${local.user}"
      readonlyRootFilesystem = true
      linuxParameters        = { capabilities = { drop = ["ALL"] } }
      dependsOn              = [{ containerName = "writer", condition = "SUCCESS" }]
      environment            = [{ name = "RUST_LOG", value = "info" }]
      secrets                = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
      healthCheck = {
        # a scan that failed is no reason to start anew
        command     = ["CMD", "/usr/bin/stance", "agent", "--alive"]
        interval    = 60
        timeout     = 5
        retries     = 5
        startPeriod = 30
      }
      stopTimeout = 120
      mountPoints = [
        { sourceVolume = "config", containerPath = "/cxa/config", readOnly = true },
        { sourceVolume = "tmp", containerPath = "/tmp" },
        { sourceVolume = "state", containerPath = "/var/lib/stance" },
      ]
      logConfiguration = local.logs
    },
  ])
}

resource "aws_ecs_service" "agent" {
  name             = var.name
  cluster          = aws_ecs_cluster.agent.id
  task_definition  = aws_ecs_task_definition.agent.arn
  launch_type      = "FARGATE"
  platform_version = "1.4.0"
  desired_count    = 1

  # two agents would scan twice
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = var.assign_public_ip
    security_groups  = [aws_security_group.agent.id]
    subnets          = var.subnet_ids
  }

  depends_on = [aws_efs_mount_target.state, aws_vpc_security_group_egress_rule.agent_to_state]
}
