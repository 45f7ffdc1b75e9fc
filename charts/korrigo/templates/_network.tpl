{{/* Who may come in: callers that name it in their talksTo, browsers to the gateway, Prometheus. Takes root, name, workload. */}}
{{- define "korrigo.ingressRules" -}}
{{- $policies := .root.Values.networkPolicies -}}
{{- with .workload.ports }}
- from:
    {{- range include "korrigo.callers" $ | splitList "," }}
    - podSelector: {matchLabels: {app.kubernetes.io/part-of: korrigo, app.kubernetes.io/component: {{ . }}}}
    {{- end }}
  ports:
    {{- range . }}
    - {port: {{ . }}}
    {{- end }}
{{- if .http }}
- {{ with $policies.gatewayFrom }}from: {{ toJson . }}
  {{ end }}ports: [{port: {{ .http }}}]
{{- end }}
{{- end }}
{{- if hasKey .root.Values.services .name }}
- {{ with $policies.metricsFrom }}from: {{ toJson . }}
  {{ end }}ports: [{port: 9000}]
{{- end }}
{{- end }}

{{/* Where it may go: names, what its talksTo names, and what a switch opens. Takes root, name, workload. */}}
{{- define "korrigo.egressRules" -}}
{{- $values := .root.Values -}}
{{- $traces := ternary list (list "otlp") (empty $values.tracing.endpoint) -}}
{{- $webhooks := ternary (list "webhooks") list (and $values.operators.targetsInSecret (eq .name "notification-consume")) -}}
{{- range uniq (concat (list "dns") .workload.talksTo $traces $webhooks) }}
{{- if hasKey $values.services . }}
- to:
    - podSelector: {matchLabels: {app.kubernetes.io/part-of: korrigo, app.kubernetes.io/component: {{ . }}}}
  ports:
    {{- range (index $values.services .).ports }}
    - {port: {{ . }}}
    {{- end }}
{{- else }}
{{- $isNames := eq . "dns" }}
{{- with index $values.endpoints . }}
- {{ with .to }}to: {{ toJson . }}
  {{ end }}ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- if $isNames }}
    - {port: {{ . }}, protocol: UDP}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
