// Package pipelinespec: the part of Kubeflow Pipelines' api module that its server 2.14 names and the newest served version of that
// module does not have yet. Pipelines with a workspace volume cannot be run; no other feature is touched.
package pipelinespec

import "google.golang.org/protobuf/types/known/structpb"

// WorkspaceConfig describes a volume that the steps of a run share.
type WorkspaceConfig struct{}

// KubernetesWorkspaceConfig describes its claim.
type KubernetesWorkspaceConfig struct{}

// GetWorkspace says that there is none.
func (*PipelineConfig) GetWorkspace() *WorkspaceConfig { return nil }

// GetSize is the size of the claim.
func (*WorkspaceConfig) GetSize() string { return "" }

// GetKubernetes is the claim.
func (*WorkspaceConfig) GetKubernetes() *KubernetesWorkspaceConfig { return nil }

// GetPvcSpecPatch is what differs from the default claim.
func (*KubernetesWorkspaceConfig) GetPvcSpecPatch() *structpb.Struct { return nil }
