{{/* Annotations of a Deployment's pods. Takes root, workload. */}}
{{- define "korrigo.podAnnotations" -}}
{{- $scraped := dict "prometheus.io/scrape" "true" "prometheus.io/port" "9000" "prometheus.io/path" "/metrics" -}}
{{- with merge (deepCopy .workload.podAnnotations) (ternary $scraped dict .root.Values.metrics.annotations) -}}
{{- toYaml . -}}
{{- end -}}
{{- end }}

{{/* Where pods of a Deployment may be. Takes root, name, workload. */}}
{{- define "korrigo.placement" -}}
{{- $selector := include "korrigo.selector" . | fromYaml -}}
{{- with .workload.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  - topologyKey: topology.kubernetes.io/zone
    maxSkew: 1
    whenUnsatisfiable: {{ .workload.zoneSpread }}
    labelSelector: {matchLabels: {{ toJson $selector }}}
    # Pods of the release before don't count: they are about to leave.
    matchLabelKeys: [pod-template-hash]
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" $selector) }}
{{- if eq .workload.antiAffinity "required" }}
affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution: {{ toJson (list $term) }}
{{- else if eq .workload.antiAffinity "preferred" }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution: {{ toJson (list (dict "weight" 100 "podAffinityTerm" $term)) }}
{{- end }}
{{- end }}

{{/* What a server is told of certificates: where probes find its health in plain text, and whose calls it takes. Takes root, name, workload. */}}
{{- define "korrigo.tlsEnv" -}}
{{- if and .root.Values.mtls.enabled (hasKey .workload.ports "grpc") }}
KORRIGO_HEALTH_PORT: "50052"
KORRIGO_TLS_CALLERS: {{ include "korrigo.callers" . }}
{{- end }}
{{- end }}

{{/*
Probes. Startup asks only whether anything answers: a pod that starts during an outage is unready, not restarted.
The kubelet's gRPC probe has no certificate, so health has a port of its own then. Takes root, workload.
*/}}
{{- define "korrigo.probes" -}}
startupProbe:
  {{- if hasKey .workload.ports "http" }}
  tcpSocket: {port: http}
  {{- else }}
  httpGet: {path: /livez, port: ops}
  {{- end }}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 120
readinessProbe:
  {{- if hasKey .workload.ports "grpc" }}
  grpc: {port: {{ .root.Values.mtls.enabled | ternary 50052 .workload.ports.grpc }}}
  {{- else }}
  httpGet: {path: /readyz, port: ops}
  {{- end }}
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: 3
livenessProbe:
  httpGet: {path: /livez, port: ops}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}

{{/* Sleep before SIGTERM; by a command where the kubelet has no such action yet. Takes root, workload. */}}
{{- define "korrigo.preStop" -}}
{{- $seconds := .workload.preStopSeconds | int -}}
{{- if semverCompare ">=1.30-0" .root.Capabilities.KubeVersion.Version -}}
{sleep: {seconds: {{ $seconds }}}}
{{- else -}}
{exec: {command: [sleep, {{ $seconds | quote }}]}}
{{- end -}}
{{- end }}
