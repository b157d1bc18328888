//! The publicly known ways from some permissions to more. One line a way; its
//! name is its actions joined with `+`.

/// Actions that together open a way to more privileges.
pub(crate) struct Way {
    /// All of these must be allowed.
    pub(crate) actions: &'static [&'static str],
    /// What is needed besides for it to be a way.
    pub(crate) needs: Needs,
}

pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// That a role may be passed to this service.
    PassTo(&'static str),
    /// That it reaches others than oneself: a key of one's own is no new power.
    Others,
    /// That it is allowed on any resource: on chosen ones it is ordinary use.
    AnyResource,
}

const fn way(actions: &'static [&'static str]) -> Way {
    Way { actions, needs: Needs::Nothing }
}

const fn pass(service: &'static str, actions: &'static [&'static str]) -> Way {
    Way { actions, needs: Needs::PassTo(service) }
}

const fn others(actions: &'static [&'static str]) -> Way {
    Way { actions, needs: Needs::Others }
}

const fn anywhere(actions: &'static [&'static str]) -> Way {
    Way { actions, needs: Needs::AnyResource }
}

#[rustfmt::skip]
pub(crate) const WAYS: &[Way] = &[
    // rewriting what one is allowed
    way(&["iam:CreatePolicyVersion"]),
    way(&["iam:SetDefaultPolicyVersion"]),
    way(&["iam:AttachUserPolicy"]),
    way(&["iam:AttachGroupPolicy"]),
    way(&["iam:AttachRolePolicy"]),
    way(&["iam:PutUserPolicy"]),
    way(&["iam:PutGroupPolicy"]),
    way(&["iam:PutRolePolicy"]),
    way(&["iam:AddUserToGroup"]),
    way(&["iam:DeleteUserPermissionsBoundary"]),
    way(&["iam:PutUserPermissionsBoundary"]),
    way(&["iam:DeleteRolePermissionsBoundary"]),
    way(&["iam:PutRolePermissionsBoundary"]),
    way(&["iam:DeleteUserPolicy"]),
    way(&["iam:DeleteRolePolicy"]),
    way(&["iam:DetachUserPolicy"]),
    way(&["iam:DetachRolePolicy"]),
    // becoming somebody else
    others(&["iam:CreateAccessKey"]),
    others(&["iam:CreateLoginProfile"]),
    others(&["iam:UpdateLoginProfile"]),
    others(&["iam:CreateServiceSpecificCredential"]),
    others(&["iam:ResetServiceSpecificCredential"]),
    others(&["iam:DeactivateMFADevice", "iam:UpdateLoginProfile"]),
    way(&["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"]),
    way(&["iam:UpdateSAMLProvider"]),
    way(&["iam:CreateSAMLProvider", "iam:UpdateAssumeRolePolicy"]),
    way(&["iam:CreateOpenIDConnectProvider", "iam:UpdateAssumeRolePolicy"]),
    way(&["iam:UpdateOpenIDConnectProviderThumbprint"]),
    anywhere(&["sts:AssumeRole"]),
    way(&["sso:CreatePermissionSet", "sso:AttachManagedPolicyToPermissionSet", "sso:CreateAccountAssignment"]),
    way(&["sso:PutInlinePolicyToPermissionSet", "sso:ProvisionPermissionSet"]),
    way(&["sso:CreateAccountAssignment"]),
    // computing with a role that one passes
    pass("ec2.amazonaws.com", &["iam:PassRole", "ec2:RunInstances"]),
    pass("ec2.amazonaws.com", &["iam:PassRole", "ec2:RequestSpotInstances"]),
    pass("ec2.amazonaws.com", &["iam:PassRole", "ec2:RequestSpotFleet"]),
    pass("ec2.amazonaws.com", &["iam:PassRole", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"]),
    pass("ec2.amazonaws.com", &["iam:PassRole", "ec2:AssociateIamInstanceProfile"]),
    pass("ec2.amazonaws.com", &["iam:PassRole", "ec2:ReplaceIamInstanceProfileAssociation"]),
    pass("ec2.amazonaws.com", &["iam:PassRole", "autoscaling:CreateAutoScalingGroup", "autoscaling:CreateLaunchConfiguration"]),
    pass("ec2.amazonaws.com", &["iam:PassRole", "autoscaling:CreateAutoScalingGroup", "ec2:CreateLaunchTemplate"]),
    pass("lambda.amazonaws.com", &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]),
    pass("lambda.amazonaws.com", &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateFunctionUrlConfig"]),
    pass("lambda.amazonaws.com", &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"]),
    pass("lambda.amazonaws.com", &["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"]),
    pass("lambda.amazonaws.com", &["iam:PassRole", "lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"]),
    pass("ecs-tasks.amazonaws.com", &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"]),
    pass("ecs-tasks.amazonaws.com", &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:StartTask"]),
    pass("ecs-tasks.amazonaws.com", &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:CreateService"]),
    pass("ecs-tasks.amazonaws.com", &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:UpdateService"]),
    pass("ecs-tasks.amazonaws.com", &["iam:PassRole", "batch:RegisterJobDefinition", "batch:SubmitJob"]),
    pass("apprunner.amazonaws.com", &["iam:PassRole", "apprunner:CreateService"]),
    pass("elasticmapreduce.amazonaws.com", &["iam:PassRole", "elasticmapreduce:RunJobFlow"]),
    pass("emr-serverless.amazonaws.com", &["iam:PassRole", "emr-serverless:CreateApplication", "emr-serverless:StartJobRun"]),
    pass("codebuild.amazonaws.com", &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"]),
    pass("codebuild.amazonaws.com", &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuildBatch"]),
    pass("codebuild.amazonaws.com", &["iam:PassRole", "codebuild:UpdateProject", "codebuild:StartBuild"]),
    pass("codepipeline.amazonaws.com", &["iam:PassRole", "codepipeline:CreatePipeline"]),
    pass("glue.amazonaws.com", &["iam:PassRole", "glue:CreateDevEndpoint"]),
    pass("glue.amazonaws.com", &["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"]),
    pass("glue.amazonaws.com", &["iam:PassRole", "glue:CreateJob", "glue:CreateTrigger"]),
    pass("glue.amazonaws.com", &["iam:PassRole", "glue:UpdateJob", "glue:StartJobRun"]),
    pass("glue.amazonaws.com", &["iam:PassRole", "glue:UpdateJob", "glue:CreateTrigger"]),
    pass("glue.amazonaws.com", &["iam:PassRole", "glue:CreateSession", "glue:RunStatement"]),
    pass("sagemaker.amazonaws.com", &["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"]),
    pass("sagemaker.amazonaws.com", &["iam:PassRole", "sagemaker:CreateTrainingJob"]),
    pass("sagemaker.amazonaws.com", &["iam:PassRole", "sagemaker:CreateProcessingJob"]),
    pass("sagemaker.amazonaws.com", &["iam:PassRole", "sagemaker:CreateDomain", "sagemaker:CreateUserProfile", "sagemaker:CreatePresignedDomainUrl"]),
    pass("bedrock-agentcore.amazonaws.com", &["iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"]),
    pass("cloudformation.amazonaws.com", &["iam:PassRole", "cloudformation:CreateStack"]),
    pass("cloudformation.amazonaws.com", &["iam:PassRole", "cloudformation:UpdateStack"]),
    pass("cloudformation.amazonaws.com", &["iam:PassRole", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"]),
    pass("cloudformation.amazonaws.com", &["iam:PassRole", "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"]),
    pass("cloudformation.amazonaws.com", &["iam:PassRole", "cloudformation:UpdateStackSet"]),
    pass("datapipeline.amazonaws.com", &["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"]),
    pass("states.amazonaws.com", &["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"]),
    pass("states.amazonaws.com", &["iam:PassRole", "states:UpdateStateMachine", "states:StartExecution"]),
    pass("scheduler.amazonaws.com", &["iam:PassRole", "scheduler:CreateSchedule"]),
    pass("ssm.amazonaws.com", &["iam:PassRole", "ssm:StartAutomationExecution"]),
    pass("imagebuilder.amazonaws.com", &["iam:PassRole", "imagebuilder:CreateInfrastructureConfiguration", "imagebuilder:CreateImage"]),
    pass("amplify.amazonaws.com", &["iam:PassRole", "amplify:CreateApp", "amplify:StartJob"]),
    pass("cognito-identity.amazonaws.com", &["iam:PassRole", "cognito-identity:SetIdentityPoolRoles"]),
    pass("dms.amazonaws.com", &["iam:PassRole", "dms:CreateReplicationInstance", "dms:CreateEndpoint"]),
    // changing what already runs with a role
    way(&["lambda:UpdateFunctionCode"]),
    way(&["lambda:UpdateFunctionConfiguration", "lambda:PublishLayerVersion"]),
    way(&["glue:UpdateDevEndpoint"]),
    way(&["glue:UpdateJob", "glue:StartJobRun"]),
    way(&["codebuild:UpdateProject", "codebuild:StartBuild"]),
    way(&["states:UpdateStateMachine", "states:StartExecution"]),
    way(&["cloudformation:UpdateStack"]),
    way(&["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"]),
    way(&["codestar:CreateProject"]),
    way(&["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"]),
    way(&["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"]),
    // a shell where a role is at hand
    anywhere(&["ssm:SendCommand"]),
    anywhere(&["ssm:StartSession"]),
    anywhere(&["ec2-instance-connect:SendSSHPublicKey"]),
    anywhere(&["ec2-instance-connect:SendSerialConsoleSSHPublicKey"]),
    anywhere(&["ecs:ExecuteCommand"]),
    way(&["sagemaker:CreatePresignedNotebookInstanceUrl"]),
    way(&["sagemaker:CreatePresignedDomainUrl"]),
    way(&["sagemaker:CreateNotebookInstanceLifecycleConfig", "sagemaker:StopNotebookInstance", "sagemaker:UpdateNotebookInstance", "sagemaker:StartNotebookInstance"]),
    way(&["bedrock-agentcore:InvokeCodeInterpreter"]),
    way(&["elasticmapreduce:AddJobFlowSteps"]),
];
