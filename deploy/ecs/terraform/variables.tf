variable "name" {
  description = "What all of it is called."
  type        = string
  default     = "stance-agent"
}

variable "image" {
  description = "Image of deploy/Dockerfile in a registry that the task may pull from; pin its digest."
  type        = string
}

variable "configuration" {
  description = "Text of local.yaml, at most 8 KB: file(\"local.yaml\")."
  type        = string
  sensitive   = true
}

variable "secrets" {
  description = "ARNs of secrets by the variables that the configuration names with { env: VARIABLE }."
  type        = map(string)
  default     = {}
}

variable "kms_key_arn" {
  description = "KMS key of yours for the configuration; the account's own for parameters unless given."
  type        = string
  default     = null
}

variable "delivery_policy_arn" {
  description = "Policy for sinks in AWS (Security Hub, S3) or for assuming roles of other accounts, if any."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "Where the agent runs."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets with a way to the AWS APIs and to the sinks, each in another zone."
  type        = list(string)
}

variable "assign_public_ip" {
  description = "True in subnets that lead out by an internet gateway, false behind a NAT gateway."
  type        = bool
  default     = false
}

variable "writer_image" {
  description = "Image with a shell, which writes the configuration where the agent reads it, and then ends."
  type        = string
  default     = "public.ecr.aws/docker/library/busybox:1.37"
}

variable "cpu" {
  description = "Units of CPU, 1024 for one."
  type        = number
  default     = 512
}

variable "memory" {
  description = "Megabytes; must suit the CPU."
  type        = number
  default     = 1024
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 90
}
