{{/* What every pod has in common. Takes root, name, workload. */}}
{{- define "korrigo.pod" -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: {{ has "kubernetes" .workload.talksTo }}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- with .root.Values.runAsUser }}
  runAsUser: {{ . }}
  runAsGroup: {{ . }}
  {{- end }}
  {{- with .root.Values.fsGroup }}
  fsGroup: {{ . }}
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What every container has in common. Takes root, service. */}}
{{- define "korrigo.container" -}}
image: {{ include "korrigo.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Environment of a container: what all are told, its peers' addresses, then its own. Takes root, talksTo, env. */}}
{{- define "korrigo.env" -}}
{{- $values := .root.Values -}}
{{- $env := dict
  "KORRIGO_ENVIRONMENT" "production"
  "KORRIGO_HOST" "0.0.0.0"
  "KORRIGO_OPS_PORT" "9000"
  "KORRIGO_HTTP_PORT" "8000"
  "KORRIGO_GRPC_PORT" "50051"
  "KORRIGO_LOG_LEVEL" $values.logLevel
  "KORRIGO_PUBLIC_URL" $values.publicUrl
  "KORRIGO_TRUSTED_PROXIES" $values.trustedProxies
  "KORRIGO_MAIL_FROM" $values.mail.from
  "KORRIGO_BLOBS_URL" $values.blobs.url
  "KORRIGO_S3_ENDPOINT" $values.blobs.endpoint
  "KORRIGO_S3_REGION" $values.blobs.region
  "KORRIGO_OTLP_ENDPOINT" $values.tracing.endpoint
  "KORRIGO_TRACE_SHARE" (empty $values.tracing.endpoint | ternary "" $values.tracing.share)
-}}
{{- range .talksTo -}}
{{- if hasKey (dig . "ports" dict $values.services) "grpc" -}}
{{- $_ := set $env (printf "KORRIGO_%s_ADDRESS" (upper .)) (printf "%s:50051" .) -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := mergeOverwrite $env (deepCopy (.env | default dict)) -}}
{{- if ne (toString $value) "" }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end -}}
{{- end }}
- {name: KORRIGO_POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: KORRIGO_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
{{- end }}

{{/* Which Job a pod belongs to, for the Events it writes. */}}
{{- define "korrigo.jobEnv" -}}
- {name: KORRIGO_JOB, valueFrom: {fieldRef: {fieldPath: "metadata.labels['batch.kubernetes.io/job-name']"}}}
- {name: KORRIGO_JOB_UID, valueFrom: {fieldRef: {fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']"}}}
{{- end }}

{{/* Where a container finds its Secrets and its certificate. Takes root, service, workload, speaksGrpc. */}}
{{- define "korrigo.fileEnv" -}}
{{- range include "korrigo.keys" . | fromJsonArray }}
- {name: KORRIGO_{{ . | upper | replace "-" "_" }}_FILE, value: /run/secrets/korrigo/{{ . }}}
{{- end }}
{{- if and .root.Values.mtls.enabled .speaksGrpc }}
{{ include "korrigo.tlsFiles" . }}
{{- end }}
{{- end }}

{{/* Where a container finds its certificate. */}}
{{- define "korrigo.tlsFiles" -}}
- {name: KORRIGO_TLS_CERT_FILE, value: /run/secrets/korrigo-tls/tls.crt}
- {name: KORRIGO_TLS_KEY_FILE, value: /run/secrets/korrigo-tls/tls.key}
- {name: KORRIGO_TLS_CA_FILE, value: /run/secrets/korrigo-tls/ca.crt}
{{- end }}

{{/* The mount of a workload's certificate. */}}
{{- define "korrigo.tlsMount" -}}
- {name: tls, mountPath: /run/secrets/korrigo-tls, readOnly: true}
{{- end }}

{{/* Mounts of a container. Takes root, speaksGrpc, and the name of the volume with its Secrets. */}}
{{- define "korrigo.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: {{ .secrets | default "secrets" }}, mountPath: /run/secrets/korrigo, readOnly: true}
{{- if and .root.Values.mtls.enabled .speaksGrpc }}
{{ include "korrigo.tlsMount" . }}
{{- end }}
{{- end }}

{{/* The volume with a container's Secrets. Takes root, service, workload, volume, and migrates or nothing. */}}
{{- define "korrigo.secretsVolume" -}}
{{- $keys := include "korrigo.keys" . | fromJsonArray -}}
{{- $secrets := .root.Values.secrets -}}
{{- $isCtl := eq .service "ctl" -}}
{{- $own := without $keys "public-keys" -}}
{{- if .migrates }}{{ $own = without $own "nats-url" }}{{ end -}}
{{- if $isCtl }}{{ $own = without $own "smtp-url" }}{{ end -}}
- name: {{ .volume | default "secrets" }}
  projected:
    defaultMode: 0440
    sources:
      {{- with $own }}
      {{- include "korrigo.source" (dict "secret" (get $secrets ($isCtl | ternary "operations" $.service)) "keys" .) | nindent 6 }}
      {{- end }}
      {{- if .migrates }}
      - secret:
          name: {{ $secrets.migrations }}
          items:
            - {key: nats-url, path: nats-url}
            {{- if has "dsn" $keys }}
            - {key: {{ .service }}-migrate-dsn, path: migrate-dsn}
            {{- end }}
      {{- end }}
      {{- if and $isCtl (has "smtp-url" $keys) }}
      {{- include "korrigo.source" (dict "secret" $secrets.notification "keys" (list "smtp-url")) | nindent 6 }}
      {{- end }}
      {{- if has "public-keys" $keys }}
      {{- with .root.Values.publicKeys }}
      - {{ empty .secretName | ternary "configMap" "secret" }}:
          name: {{ .secretName | default .configMapName }}
          items:
            - {key: jwks, path: public-keys}
      {{- end }}
      {{- end }}
{{- end }}

{{/* Keys of a Secret as files of the same names. Takes secret, keys. */}}
{{- define "korrigo.source" -}}
- secret:
    name: {{ .secret }}
    items:
      {{- range .keys }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}

{{/* The volume to write to. Takes size. */}}
{{- define "korrigo.tmpVolume" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ .size }}}
{{- end }}

{{/* The volume with a workload's certificate. Takes root, name, speaksGrpc, optional. */}}
{{- define "korrigo.tlsVolume" -}}
{{- if and .root.Values.mtls.enabled .speaksGrpc }}
- name: tls
  secret:
    secretName: {{ .name }}-tls
    defaultMode: 0440
    {{- if .optional }}
    optional: true
    {{- end }}
{{- end }}
{{- end }}
