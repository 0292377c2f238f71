// Not built: these modules are read for the manifests and the protocol file that lie in them.
module holdfast.dev/lab/manifests

go 1.26

require (
	github.com/container-storage-interface/spec v1.11.0
	github.com/kube-object-storage/lib-bucket-provisioner v0.0.0-20221122204822-d1a8c34382f1
	github.com/kubernetes-csi/external-snapshotter/client/v8 v8.2.0
)
