{{/* Labels that select a workload's pods. Takes name. */}}
{{- define "korrigo.selector" -}}
app.kubernetes.io/part-of: korrigo
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{/* The version that runs, as a label may hold it. */}}
{{- define "korrigo.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end }}

{{/* Labels of pods: what selects them, the service and the version they run. Takes root, name, service. */}}
{{- define "korrigo.podLabels" -}}
{{ include "korrigo.selector" . }}
app.kubernetes.io/name: {{ .service }}
app.kubernetes.io/version: {{ include "korrigo.version" .root | quote }}
{{- end }}

{{/* Labels of everything. Takes root, name, service. */}}
{{- define "korrigo.labels" -}}
{{ include "korrigo.podLabels" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* The address of an image. Takes root, service. */}}
{{- define "korrigo.image" -}}
{{- $image := .root.Values.image -}}
{{- $tag := get $image.tags .service | default (include "korrigo.version" .root) -}}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}/{{ .service }}
{{- with get $image.digests .service }}@{{ . }}{{ else }}:{{ $tag }}{{ end }}
{{- end }}

{{/* The host that browsers type. */}}
{{- define "korrigo.host" -}}
{{- get (urlParse .Values.publicUrl) "host" | splitList ":" | first -}}
{{- end }}

{{/* The services with a schema, in the order of migration; the rasterizer has work to declare. */}}
{{- define "korrigo.migrated" -}}
[ingest, grading, notification, gateway, rasterizer]
{{- end }}

{{/* All Deployments, complete: defaults, then their own. */}}
{{- define "korrigo.services" -}}
{{- $all := dict -}}
{{- range $name, $own := .Values.services -}}
{{- $_ := set $all $name (mergeOverwrite (dict "service" $name) (deepCopy $.Values.defaults) (deepCopy $own)) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end }}

{{/* All enabled CronJobs, complete. */}}
{{- define "korrigo.cronJobs" -}}
{{- $all := dict -}}
{{- range $name, $own := .Values.cronJobs -}}
{{- $job := mergeOverwrite (deepCopy $.Values.cronJobDefaults) (deepCopy $own) -}}
{{- if $job.enabled -}}
{{- $_ := set $all $name $job -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end }}

{{/* The Jobs that Helm runs, by name. */}}
{{- define "korrigo.hooks" -}}
migrate:
  service: ctl
  hook: pre-install,pre-upgrade
  command: up
  serviceAccountAnnotations: {{ toJson .Values.migrations.serviceAccountAnnotations }}
  talksTo: [notification, postgres, nats, s3, kubernetes]
migrate-back:
  service: ctl
  hook: pre-rollback
  command: back
  talksTo: [notification, postgres, nats, kubernetes]
{{- end }}

{{/* The pods that `helm test` runs, by name. */}}
{{- define "korrigo.tests" -}}
test:
  service: gateway
  talksTo: [gateway, ingest, grading, notification]
{{- end }}

{{/* Everything that has pods, by its component's name: each with talksTo, ports and perhaps hook. */}}
{{- define "korrigo.workloads" -}}
{{- $all := include "korrigo.services" . | fromYaml -}}
{{- range list "korrigo.cronJobs" "korrigo.hooks" "korrigo.tests" -}}
{{- $all = merge $all (include . $ | fromYaml) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end }}

{{/* Who calls a workload, comma separated. Takes root, name. */}}
{{- define "korrigo.callers" -}}
{{- $callers := list -}}
{{- range $name, $workload := include "korrigo.workloads" .root | fromYaml -}}
{{- if has $.name $workload.talksTo }}{{ $callers = append $callers $name }}{{ end -}}
{{- end -}}
{{- join "," $callers -}}
{{- end }}

{{/* Whether a workload speaks gRPC, as caller or called. Takes root, workload. */}}
{{- define "korrigo.speaksGrpc" -}}
{{- $speaks := hasKey (.workload.ports | default dict) "grpc" -}}
{{- range .workload.talksTo -}}
{{- $speaks = or $speaks (hasKey (dig . "ports" dict $.root.Values.services) "grpc") -}}
{{- end -}}
{{- if $speaks }}true{{ end -}}
{{- end }}

{{/* Annotations of what a Job of Helm's needs: it comes before the Job. Takes workload, and more annotations. */}}
{{- define "korrigo.hookAnnotations" -}}
{{- $hook := dict -}}
{{- with .workload.hook }}{{ $hook = include "korrigo.hook" (dict "hook" . "weight" -10) | fromYaml }}{{ end -}}
{{- with merge $hook (.and | default dict) }}{{ toYaml . }}{{ end -}}
{{- end }}

{{/* Annotations of a hook. Takes hook, weight. */}}
{{- define "korrigo.hook" -}}
helm.sh/hook: {{ .hook }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- end }}
