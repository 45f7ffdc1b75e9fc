{{/* What Jobs by the clock and by hand have in common. Takes root, job (schedule and limits). */}}
{{- define "korrigo.clock" -}}
schedule: {{ .schedule | quote }}
timeZone: {{ .timeZone }}
suspend: {{ .suspend }}
# A run that overlaps the next has done its work already.
concurrencyPolicy: Forbid
startingDeadlineSeconds: {{ .startingDeadlineSeconds }}
successfulJobsHistoryLimit: {{ .keepSucceeded }}
failedJobsHistoryLimit: {{ .keepFailed }}
{{- end }}

{{/* Where jobs of the ctl image find and put backups. Takes the root. */}}
{{- define "korrigo.backupEnv" -}}
KORRIGO_BACKUP_URL: {{ .Values.backup.url | quote }}
KORRIGO_BACKUP_KEEP: {{ .Values.backup.keep | quote }}
KORRIGO_BACKUP_RECIPIENT: {{ .Values.backup.recipient | quote }}
{{- end }}

{{/* Which backup a migration relies on; before the first install there is nothing to lose. */}}
{{- define "korrigo.backupReference" -}}
{{- $age := and .Release.IsUpgrade .Values.migrations.backupMaxAge -}}
{{- toJson (concat (list "backup" "reference" "--out" "/report/backup.json") (ternary (list "--max-age" $age) list (not (empty $age)))) -}}
{{- end }}

{{/*
The Job that migrates every schema in order, an init container for each image, and then concludes: it tells the
outcome in its log, as an Event and to notification, and fails if a step did. The way back relies on no backup, so that
nothing but the database is needed for it. Takes root, name, workload.
*/}}
{{- define "korrigo.migration" -}}
{{- $root := .root -}}
{{- $migrations := $root.Values.migrations -}}
{{- $services := include "korrigo.services" $root | fromYaml -}}
{{- $keepsBackups := and (eq .workload.command "up") (hasKey (include "korrigo.cronJobs" $root | fromYaml) "backup") -}}
{{- $at := dict "root" $root "name" .name "service" "ctl" "workload" .workload "speaksGrpc" true "optional" true
  "secrets" "secrets-ctl" "volume" "secrets-ctl" -}}
{{- $ctlEnv := dict "root" $root "talksTo" .workload.talksTo "env" (include "korrigo.backupEnv" $root | fromYaml) -}}
{{- $env := dict
  "KORRIGO_MIGRATE_ALLOW" (join "," $migrations.allowDestructive)
  "KORRIGO_MIGRATE_APPROVED" (join "," $migrations.approved)
  "KORRIGO_MIGRATE_APPROVAL" $migrations.approval
  "KORRIGO_MIGRATE_BACKUP_FILE" (ternary "/report/backup.json" "" $keepsBackups) -}}
backoffLimit: 0
activeDeadlineSeconds: {{ $migrations.deadlineSeconds }}
template:
  metadata:
    labels:
      {{- include "korrigo.podLabels" $at | nindent 6 }}
    {{- with $root.Values.defaults.podAnnotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    {{- include "korrigo.pod" $at | nindent 4 }}
    restartPolicy: Never
    initContainers:
      {{- if $keepsBackups }}
      - name: backup
        {{- include "korrigo.container" $at | nindent 8 }}
        args: {{ include "korrigo.backupReference" $root }}
        env:
          {{- include "korrigo.env" $ctlEnv | trim | nindent 10 }}
          {{- include "korrigo.jobEnv" $root | nindent 10 }}
          {{- include "korrigo.fileEnv" $at | trim | nindent 10 }}
        resources:
          {{- toYaml $migrations.resources | nindent 10 }}
        terminationMessagePolicy: FallbackToLogsOnError
        volumeMounts:
          {{- include "korrigo.mounts" $at | nindent 10 }}
          - {name: report, mountPath: /report}
      {{- end }}
      {{- range $service := include "korrigo.migrated" $root | fromYamlArray }}
      {{- $own := get $services $service }}
      {{- $in := dict "root" $root "name" $.name "service" $service "migrates" true "secrets" (printf "secrets-%s" $service) }}
      - name: {{ $service }}
        {{- include "korrigo.container" $in | nindent 8 }}
        args: [migrate, {{ $.workload.command }}, --report, /report/{{ $service }}.json]
        env:
          {{- include "korrigo.env" (dict "root" $root "talksTo" $own.talksTo "env" $env) | trim | nindent 10 }}
          {{- include "korrigo.fileEnv" $in | trim | nindent 10 }}
        resources:
          {{- toYaml $migrations.resources | nindent 10 }}
        terminationMessagePolicy: FallbackToLogsOnError
        volumeMounts:
          {{- include "korrigo.mounts" $in | nindent 10 }}
          - {name: report, mountPath: /report}
      {{- end }}
    containers:
      - name: conclude
        {{- include "korrigo.container" $at | nindent 8 }}
        args: [migrations, conclude, /report]
        env:
          {{- include "korrigo.env" $ctlEnv | trim | nindent 10 }}
          {{- include "korrigo.jobEnv" $root | nindent 10 }}
          {{- include "korrigo.fileEnv" $at | trim | nindent 10 }}
        resources:
          {{- toYaml $migrations.resources | nindent 10 }}
        terminationMessagePolicy: FallbackToLogsOnError
        volumeMounts:
          {{- include "korrigo.mounts" $at | nindent 10 }}
          - {name: report, mountPath: /report}
    volumes:
      - name: report
        emptyDir: {sizeLimit: 16Mi}
      {{- include "korrigo.tmpVolume" (dict "size" "128Mi") | nindent 6 }}
      {{- range $service := include "korrigo.migrated" $root | fromYamlArray }}
      {{- include "korrigo.secretsVolume" (dict "root" $root "name" $.name "service" $service "volume" (printf "secrets-%s" $service) "migrates" true) | nindent 6 }}
      {{- end }}
      {{- include "korrigo.secretsVolume" $at | nindent 6 }}
      {{- include "korrigo.tlsVolume" $at | indent 6 }}
{{- end }}
