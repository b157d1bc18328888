output "task_role_arn" {
  description = "The role that the agent scans as; roles of other accounts may trust it."
  value       = aws_iam_role.task.arn
}

output "log_group" {
  description = "Where the agent's logs are."
  value       = aws_cloudwatch_log_group.agent.name
}
