{{/* What every pod has in common. Takes root, name, workload, and knowsAddresses or nothing. */}}
{{- define "korrigo.pod" -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: {{ has "kubernetes" .workload.talksTo }}
enableServiceLinks: {{ .knowsAddresses | default false }}
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
{{- $placed := hasKey .workload "nodeSelector" | ternary .workload .root.Values.defaults }}
{{- with $placed.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $placed.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
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
  "KORRIGO_NATS_REPLICAS" $values.streamReplicas
  "KORRIGO_PRIVATE_HOSTS" $values.operators.privateHosts
  "KORRIGO_RUNBOOKS_URL" $values.runbooksUrl
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

{{/* Where a container finds its Secrets and its certificate. Takes root, name, service, migrates, speaksGrpc. */}}
{{- define "korrigo.fileEnv" -}}
{{- range include "korrigo.files" . | fromYamlArray }}
{{- range .keys }}
- {name: KORRIGO_{{ . | upper | replace "-" "_" }}_FILE, value: /run/secrets/korrigo/{{ . }}}
{{- end }}
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

{{/* The volume with a container's Secrets. Takes root, name, service, migrates, volume. */}}
{{- define "korrigo.secretsVolume" -}}
- name: {{ .volume | default "secrets" }}
  projected:
    defaultMode: 0440
    sources:
      {{- range include "korrigo.files" . | fromYamlArray }}
      - {{ .kind }}:
          name: {{ .of }}
          items:
            {{- range .keys }}
            - {key: {{ get (dict "public-keys" "jwks" "migrate-dsn" (printf "%s-migrate-dsn" $.service)) . | default . }}, path: {{ . }}}
            {{- end }}
      {{- end }}
{{- end }}

{{/*
Which keys a container reads, and of which Secret, as a list; each key is a file and a KORRIGO_<KEY>_FILE.
Takes root, name (of the workload), service (the image), and migrates or nothing.
*/}}
{{- define "korrigo.files" -}}
{{- $values := .root.Values -}}
{{- $secrets := $values.secrets -}}
{{- $secret := eq .service "ctl" | ternary $secrets.operations (get $secrets .service) -}}
{{- $keys := eq .service "rasterizer" | ternary list (list "dsn" "signing-key") -}}
{{- if not (or .migrates (eq .name "operations")) }}{{ $keys = append $keys "nats-url" }}{{ end -}}
{{- if eq .service "notification" -}}
{{- $keys = append $keys "smtp-url" -}}
{{- if $values.operators.targetsInSecret }}{{ $keys = append $keys "operators" }}{{ end -}}
{{- if $values.operators.alertTokenInSecret }}{{ $keys = append $keys "alert-token" }}{{ end -}}
{{- else if $values.blobs.keysInSecrets -}}
{{- $keys = concat $keys (list "s3-access-key" "s3-secret-key") -}}
{{- end -}}
{{- if has .name (list "drill" "operations") -}}
{{- $keys = append $keys "scratch-dsn" -}}
{{- if $values.backup.recipient }}{{ $keys = append $keys "backup-identity" }}{{ end -}}
{{- end -}}
{{- with $keys }}
- {kind: secret, of: {{ $secret }}, keys: {{ toJson . }}}
{{- end }}
{{- if has "dsn" $keys | and (ne .service "ctl") }}
{{- with $values.publicKeys }}
- {kind: {{ empty .secretName | ternary "configMap" "secret" }}, of: {{ .secretName | default .configMapName }}, keys: [public-keys]}
{{- end }}
{{- end }}
{{- if .migrates }}
- {kind: secret, of: {{ $secrets.migrations }}, keys: {{ has "dsn" $keys | ternary (list "nats-url" "migrate-dsn") (list "nats-url") | toJson }}}
{{- end }}
{{- if eq .name "operations" }}
- {kind: secret, of: {{ $secrets.operator }}, keys: [nats-url, restore-dsn]}
- {kind: secret, of: {{ $secrets.notification }}, keys: [smtp-url]}
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
