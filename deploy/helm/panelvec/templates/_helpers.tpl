{{- define "panelvec.name" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Call with (dict "root" $ "component" "api") */}}
{{- define "panelvec.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "panelvec.labels" -}}
{{ include "panelvec.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "panelvec.image" -}}
{{ printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end -}}

{{- define "panelvec.homeClaim" -}}
{{ default (printf "%s-home" (include "panelvec.name" .)) .Values.home.existingClaim }}
{{- end -}}

{{- define "panelvec.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "panelvec.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* What all pods have alike, before their containers */}}
{{- define "panelvec.podBasics" -}}
automountServiceAccountToken: false
{{- with .Values.serviceAccount.name }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "panelvec.podSecurity" . | nindent 2 }}
{{- end -}}

{{/* Variables of api, worker and migration. Those of Kubernetes itself, such as PORT, are last: they win over `settings`. */}}
{{- define "panelvec.env" -}}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
- name: PANELVEC_HOME
  value: /data
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.key }}
{{- if .Values.comics.existingClaim }}
- name: PANELVEC_DATA_ROOTS
  value: /comics
{{- end }}
{{- with .Values.tracing }}
{{- if .endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .sampleRatio | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The port of the collector of traces: that of its URL, or that of its scheme */}}
{{- define "panelvec.tracingPort" -}}
{{- $url := urlParse .Values.tracing.endpoint -}}
{{- if regexMatch ":[0-9]+$" $url.host -}}
{{- regexFind "[0-9]+$" $url.host -}}
{{- else -}}
{{- eq $url.scheme "https" | ternary 443 80 -}}
{{- end -}}
{{- end -}}

{{- define "panelvec.volumeMounts" -}}
- name: home
  mountPath: /data
- name: features
  mountPath: /data/features
- name: tmp
  mountPath: /tmp
{{- if .Values.comics.existingClaim }}
- name: comics
  mountPath: /comics
  readOnly: true
{{- end }}
{{- end -}}

{{/* The feature cache must be on a disk of the node: it does not work on a network file system. */}}
{{- define "panelvec.volumes" -}}
- name: home
  persistentVolumeClaim:
    claimName: {{ include "panelvec.homeClaim" . }}
- name: features
  emptyDir:
    sizeLimit: {{ .Values.featureCache.sizeLimit }}
- name: tmp
  emptyDir: {}
{{- if .Values.comics.existingClaim }}
- name: comics
  persistentVolumeClaim:
    claimName: {{ .Values.comics.existingClaim }}
    readOnly: true
{{- end }}
{{- end -}}

{{/* Pods of a component spread over nodes and zones, as far as there are any. */}}
{{- define "panelvec.spread" -}}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "panelvec.selector" $ | nindent 6 }}
{{- end }}
{{- end -}}

{{/* Where a pod may run. Call with the values of its component. */}}
{{- define "panelvec.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
